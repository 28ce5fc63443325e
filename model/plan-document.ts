import * as z from "zod";
import { canonicalJson } from "./ledger.ts";

const service = z.strictObject({ name: z.string(), releaseSet: z.string(), digest: z.string() });
const step = z.strictObject({
  /** Null for preflight and finish. */
  service: z.string().nullable(),
  step: z.string(),
  runs: z.boolean(),
  /** Median of past runs in milliseconds; null when none is known. */
  expectedMilliseconds: z.number().nullable(),
});
const gate = z.strictObject({
  service: z.string(),
  /** With all its parameters. */
  gate: z.looseObject({ kind: z.string(), name: z.string() }),
});

/** What `cutover plan --out` writes and `cutover upgrade --plan` runs or refuses. */
export const planDocumentSchema = z.strictObject({
  formatVersion: z.literal(1),
  stack: z.string(),
  releaseSet: z.string(),
  /** Sha256 over the release set's folder. */
  setHash: z.string(),
  targetDigest: z.string(),
  /** In upgrade order. */
  services: z.array(service),
  /** In the order in which they run. */
  steps: z.array(step),
  /** Of the services that change. */
  gates: z.array(gate),
  ledgerHead: z.string(),
  toolVersion: z.string(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  /** What was judged when the plan was made, for readers; `upgrade --plan` judges anew. */
  report: z.unknown().optional(),
});
export type PlanDocument = z.infer<typeof planDocumentSchema>;

/**
 * What stands otherwise now than it was planned, one sentence each; empty when the plan still fits. Expected durations, the
 * time of making and the report are no differences.
 */
export function planDifferences(planned: PlanDocument, now: PlanDocument): string[] {
  const named = [
    ...changed("stack", planned.stack, now.stack),
    ...changed("release set", planned.releaseSet, now.releaseSet),
    ...(planned.setHash === now.setHash || planned.releaseSet !== now.releaseSet
      ? []
      : [`content of ${now.releaseSet}: planned ${short(planned.setHash)}, now ${short(now.setHash)}`]),
    ...serviceDifferences(planned, now),
    ...stepDifferences(planned, now),
    ...gateDifferences(planned, now),
    ...(planned.ledgerHead === now.ledgerHead
      ? []
      : [`ledger: planned at head ${short(planned.ledgerHead)}, now ${short(now.ledgerHead)}: something was recorded`]),
    ...changed("tool version", planned.toolVersion, now.toolVersion),
  ];
  const silent = named.length === 0 && planned.targetDigest !== now.targetDigest;
  return silent ? [`target: planned ${short(planned.targetDigest)}, now ${short(now.targetDigest)}`] : named;
}

function changed(what: string, planned: string, now: string): string[] {
  return planned === now ? [] : [`${what}: planned ${planned}, now ${now}`];
}

function serviceDifferences(planned: PlanDocument, now: PlanDocument): string[] {
  const before = new Map(planned.services.map((one) => [one.name, one]));
  const after = new Map(now.services.map((one) => [one.name, one]));
  const same = [...before.keys()].join() === [...after.keys()].join();
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names.flatMap((name) => {
    const was = before.get(name);
    const is = after.get(name);
    if (was === undefined) return [`service ${name}: not planned`];
    if (is === undefined) return [`service ${name}: planned, but no longer there`];
    if (was.releaseSet === is.releaseSet && was.digest === is.digest) return [];
    const show = ({ releaseSet, digest }: typeof was): string => `${releaseSet} ${short(digest)}`;
    return [`service ${name}: planned ${show(was)}, now ${show(is)}`];
  });
  return differences.length === 0 && !same ? ["services: their order is another"] : differences;
}

function stepDifferences(planned: PlanDocument, now: PlanDocument): string[] {
  const running = (document: PlanDocument): string[] =>
    document.steps.filter((one) => one.runs).map((one) => `${one.service ?? "platform"} ${one.step}`);
  const before = running(planned);
  const after = running(now);
  const gone = before.filter((name) => !after.includes(name));
  const added = after.filter((name) => !before.includes(name));
  if (gone.length === 0 && added.length === 0) {
    return before.join() === after.join() ? [] : ["steps: their order is another"];
  }
  return [
    ...gone.map((name) => `step ${name}: planned, but would not run now`),
    ...added.map((name) => `step ${name}: not planned, but would run now`),
  ];
}

function gateDifferences(planned: PlanDocument, now: PlanDocument): string[] {
  const byName = (document: PlanDocument): Map<string, string> =>
    new Map(document.gates.map((one) => [`${one.service} ${one.gate.name}`, canonicalJson(one.gate)]));
  const before = byName(planned);
  const after = byName(now);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    if (!before.has(name)) return [`gate ${name}: not planned`];
    if (!after.has(name)) return [`gate ${name}: planned, but would not run now`];
    return before.get(name) === after.get(name) ? [] : [`gate ${name}: its parameters are others`];
  });
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
