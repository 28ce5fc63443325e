/** How long the simulated applications take, in milliseconds. Fast by default, so that a demo is quick. */
export interface Timings {
  /** From "scheduled" to a started application. */
  start: number;
  /** One chunk of a schema migration, besides its SQL. */
  migrationChunk: number;
  /** GIM's first transformation job. */
  firstJob: number;
  /** Between two checkpoints of GSP. */
  checkpoint: number;
  /** Between two snapshots of GCA. */
  snapshot: number;
}

export const defaultTimings: Timings = {
  start: 300,
  migrationChunk: 20,
  firstJob: 300,
  checkpoint: 250,
  snapshot: 2000,
};

/** What the parent hands to the simulators' process, as one JSON line on stdin. */
export interface SimulatorSettings {
  /** Folder for the pods' logs. */
  directory: string;
  kubeconfig: string;
  timings: Timings;
}
