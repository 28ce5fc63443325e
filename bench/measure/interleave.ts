import { setTimeout as sleep } from "node:timers/promises";

/** One contender's round; it stores its own samples. */
export type Round = (round: number) => Promise<void>;

/**
 * Runs A B A B ...: each contender once per round, in turns, so that a load of the machine meets all alike. Every second
 * round goes backwards, so that none is always the first after a pause.
 */
export async function interleave(rounds: number, contenders: readonly Round[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? contenders : [...contenders].reverse();
    for (const contender of order) {
      await contender(round);
      // The servers' own afterwork (watch events, garbage collection) shall not fall into the next one's time.
      await sleep(300);
    }
  }
}
