import type { Health } from "../../model/pod-health.ts";
import type { Trouble } from "../../model/pod-trouble.ts";

// A pod that flaps right after becoming ready must not pass. Every change comes as an event and resets the count, so a second look at an
// unchanged state this much later proves that nothing happened in between; it is not polling.
const millisecondsBetweenPasses = 50;

/** What the pods gate does next. `againIn`: milliseconds. */
export type Next = { kind: "wait" | "passed"; againIn: number } | { kind: "hopeless"; troubles: Trouble[] };

/** Counts passes and how long each hopeless trouble has lasted. `unschedulableGrace`: milliseconds. */
export function createJudgement(passesWanted: number, unschedulableGrace: number) {
  const latest: { health: Health | null } = { health: null };
  const firstSeen = new Map<string, number>();
  let passes = 0;
  let lastPass = -Infinity;
  const graceOf = (trouble: Trouble) =>
    trouble.reason === "Unschedulable" ? unschedulableGrace : trouble.graceMilliseconds;
  return {
    latest,
    observe(health: Health): void {
      latest.health = health;
      if (health.state !== "healthy") passes = 0;
      const keys = new Set(health.troubles.map((trouble) => trouble.key));
      for (const key of firstSeen.keys()) if (!keys.has(key)) firstSeen.delete(key);
      for (const key of keys) if (!firstSeen.has(key)) firstSeen.set(key, Date.now());
    },
    next(now: number): Next {
      const { health } = latest;
      if (health === null) return { kind: "wait", againIn: Infinity };
      if (health.state === "healthy") {
        if (now - lastPass >= millisecondsBetweenPasses || passes === 0) {
          passes += 1;
          lastPass = now;
        }
        if (passes >= passesWanted) return { kind: "passed", againIn: 0 };
        return { kind: "wait", againIn: Math.max(1, lastPass + millisecondsBetweenPasses - now) };
      }
      const left = (trouble: Trouble) => (firstSeen.get(trouble.key) ?? now) + graceOf(trouble) - now;
      const hopelessOnes = health.troubles.filter((trouble) => trouble.hopeless);
      if (hopelessOnes.some((trouble) => left(trouble) <= 0)) return { kind: "hopeless", troubles: health.troubles };
      return { kind: "wait", againIn: Math.min(Infinity, ...hopelessOnes.map(left)) };
    },
  };
}
