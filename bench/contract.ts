import type { Sandbox } from "../sandbox/contracts.ts";
import type { World, WorldOptions } from "./world/world.ts";

export type Unit = "ms" | "MB" | "MB/s" | "kB";

/** What one contender did, once per round. */
export interface Series {
  label: string;
  unit: Unit;
  samples: number[];
}

/** What the issue wants of a figure; shown, never a pass or fail. */
export interface Goal {
  operator: "<=" | ">=";
  value: number;
}

/** One figure with what it was computed from. */
export interface Result {
  /** Key in the JSON object. */
  key: string;
  title: string;
  /** NaN when no round counted. */
  value: number;
  unit: Unit | "ratio" | "exponent";
  goal: Goal | null;
  series: Series[];
  notes: string[];
}

/** What every benchmark gets. */
export interface Bench {
  sandbox: Sandbox;
  /** Rounds per contender, interleaved. */
  rounds: number;
  /** One line of progress. */
  say(line: string): void;
  /** Fresh namespaces, databases, Pulumi state and project copy. */
  openWorld(options?: WorldOptions): Promise<World>;
}

/** One file in bench/benchmarks. */
export interface Benchmark {
  /** What it is chosen by on the command line. */
  name: string;
  /** Rejects when it could not measure at all; the others still run. */
  run(bench: Bench): Promise<Result[]>;
}
