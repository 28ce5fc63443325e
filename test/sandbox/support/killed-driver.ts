import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startDriver } from "./driver.ts";
import type { Scenario } from "./scenario.ts";

/** A `cutover` that is killed at a line of its progress. */
export interface KillableDriver {
  /** Waits for the line on stderr; fails when the command ends before. */
  said(line: string): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

export function startKillable(scenario: Scenario, ...argv: string[]): KillableDriver {
  const { child, finished } = startDriver(scenario, ...argv);
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return {
    async said(line) {
      for (let waited = 0; !text.includes(line); waited += 5) {
        assert.ok(waited < 60_000 && child.exitCode === null, text);
        await sleep(5);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await finished;
    },
  };
}
