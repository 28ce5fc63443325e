import * as z from "zod";
import type { Verdict } from "./verdict.ts";

const named = {
  /** Unique within the service; shown in previews, progress and the ledger. */
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** Seconds the gate may wait before it fails. */
  timeoutSeconds: z.number().positive().default(900),
};
const comparison = z.strictObject({
  operator: z.enum(["==", "!=", "<", "<=", ">", ">="]),
  value: z.number(),
});

/** All pods of the Helm release ready, several passes in a row, and running the declared image. */
export const podsGate = z.strictObject({
  kind: z.literal("pods"),
  ...named,
  /** Consecutive healthy observations wanted. */
  passes: z.number().int().positive().default(2),
  /** Seconds a pod may be unschedulable before the gate fails; longer where nodes are added on demand. Default 1. */
  unschedulableGraceSeconds: z.number().nonnegative().optional(),
});
/** An instant PromQL query: every series must satisfy `expect`; no series or a stale sample fails. */
export const promqlGate = z.strictObject({
  kind: z.literal("promql"),
  ...named,
  query: z.string(),
  expect: comparison,
  /** Series that must be present, at least. */
  minimumSeries: z.number().int().positive().default(1),
  /** Oldest acceptable sample, seconds. */
  maxAgeSeconds: z.number().positive().default(60),
});
/** The trend of a metric, per series: must not grow over the window. Absence and staleness fail. */
export const metricGate = z.strictObject({
  kind: z.literal("metric"),
  ...named,
  /** A PromQL instant vector selector, such as `gim_kafka_timestamp_behind{namespace="gim"}`. */
  query: z.string(),
  /** Seconds of history to judge, measured from the start of the gate. */
  windowSeconds: z.number().positive(),
  minimumSamples: z.number().int().min(2).default(5),
  /** Growth over the window that is still called "not growing", in the metric's own unit. */
  tolerance: z.number().nonnegative(),
  /** Absolute limit in the metric's own unit; above it the gate fails whatever the trend. */
  limit: z.number().optional(),
  maxAgeSeconds: z.number().positive().default(60),
});
/** Checks in the service's database, or in one of the platform's operational databases. */
export const sqlGate = z.strictObject({
  kind: z.literal("sql"),
  ...named,
  /** `operational`: the platform's databases; the default where the service has no database of its own. */
  connection: z.enum(["service", "operational"]).optional(),
  /** Of the operational databases; absent: the core database. */
  database: z.string().optional(),
  /** Relations (tables or views, `schema.name`) that must exist. */
  tables: z.array(z.string()).default([]),
  /** Columns (`schema.table.column`) that must exist. */
  columns: z.array(z.string()).default([]),
  /** Smallest number of rows per relation. */
  rowCounts: z.record(z.string(), z.number().int().nonnegative()).default({}),
  /** One scalar query and what it must return, compared as text. */
  scalar: z.strictObject({ query: z.string(), equals: z.string() }).optional(),
});
/** A command in a pod of the service, by `kubectl exec` semantics. */
export const execGate = z.strictObject({
  kind: z.literal("exec"),
  ...named,
  container: z.string().optional(),
  command: z.array(z.string()).min(1),
  /** Regular expression that stdout must match. */
  expectOutput: z.string().optional(),
});
/** Where an HTTP question goes: to an address, or by port-forward to a Ready pod of a Service in the service's namespace. */
const httpTarget = {
  url: z.string().optional(),
  service: z.string().optional(),
  /** Of the Service; absent: 80. */
  port: z.number().int().positive().optional(),
  /** Absent: `/`. */
  path: z.string().startsWith("/").optional(),
};
const oneTarget = ({ url, service }: { url?: string | undefined; service?: string | undefined }): boolean =>
  (url === undefined) !== (service === undefined);
export const httpGate = z
  .strictObject({
    kind: z.literal("http"),
    ...named,
    ...httpTarget,
    expectStatus: z.number().int().default(200),
    /** Regular expression over the body; also how a version is asked for. */
    expectBody: z.string().optional(),
  })
  .refine(oneTarget, "give either url or service");
/** A Kubernetes Job of the release must be complete. */
export const jobGate = z.strictObject({ kind: z.literal("job"), ...named, job: z.string() });
/** The user's own command: argv, exit 0 passes, exit 1 fails, anything else is `errored`. */
export const commandGate = z.strictObject({
  kind: z.literal("command"),
  ...named,
  command: z.array(z.string()).min(1),
});

/** A figure within limits, and not worse than before the upgrade by more than is tolerated. */
export const performanceGate = z.strictObject({
  kind: z.literal("performance"),
  ...named,
  source: z.discriminatedUnion("kind", [
    /** An instant PromQL query with one number as its answer. */
    z.strictObject({ kind: z.literal("promql"), query: z.string() }),
    /** A scalar query with one number as its answer, in the database that an sql gate would ask. */
    z.strictObject({
      kind: z.literal("sql"),
      query: z.string(),
      connection: z.enum(["service", "operational"]).optional(),
      database: z.string().optional(),
    }),
    /** Milliseconds until the whole answer is there, over requests one after the other. */
    z
      .strictObject({
        kind: z.literal("http"),
        ...httpTarget,
        expectStatus: z.number().int().default(200),
        requests: z.number().int().min(1).max(10_000).default(20),
        percentile: z.number().min(1).max(100).default(95),
      })
      .refine(oneTarget, "give either url or service"),
  ]),
  /** argv of a load job, run to its end before the figure is taken. */
  loadCommand: z.array(z.string()).min(1).optional(),
  maximum: z.number().optional(),
  minimum: z.number().optional(),
  /** How much worse than before it may be, in percent. */
  tolerancePercent: z.number().nonnegative().optional(),
  /** What it was before, where nothing has recorded it (v6); absent: from the ledger. */
  baseline: z.number().optional(),
  worse: z.enum(["higher", "lower"]).default("higher"),
});

/** One check of a service (design.md 1, Gate). */
export const gateSpec = z.discriminatedUnion("kind", [
  podsGate,
  promqlGate,
  metricGate,
  sqlGate,
  execGate,
  httpGate,
  jobGate,
  commandGate,
  performanceGate,
]);
export type GateSpec = z.infer<typeof gateSpec>;
export type GateKind = GateSpec["kind"];
export type GateOf<Kind extends GateKind> = Extract<GateSpec, { kind: Kind }>;

/** What a gate found. `evidence` holds numbers and names, never secrets. */
export interface GateResult {
  gate: string;
  kind: GateKind;
  verdict: Verdict;
  summary: string;
  evidence: string[];
  durationMilliseconds: number;
  /** Of performance gates: what was measured; a later release set is compared with it. */
  figure?: number;
}
