import { chain, genesisHash, type Entry, type EntryBody, type Page } from "../../../model/ledger.ts";
import type { StackPlan } from "../../../stacks/stack-plan.ts";

const at = "2026-11-22T12:00:00.000Z";

/** The ledger after each of these plans ran once and passed, without what stood verified already. */
export function ledgerOf(plans: readonly StackPlan[]): Page[] {
  let previous = genesisHash;
  return plans.map((plan, index) => {
    const entries: Entry[] = bodiesOf(plan).map((body) => {
      const entry = chain(previous, at, body);
      previous = entry.hash;
      return entry;
    });
    return { stack: "infomart-dev", number: index + 1, open: false, entries };
  });
}

function bodiesOf(plan: StackPlan): EntryBody[] {
  const { attempt, target } = plan.run;
  const ran = plan.services.filter(({ trigger }) => trigger.attempt === attempt);
  const targets = plan.services.map(({ service: { name, releaseSet, digest } }) => ({
    service: name,
    releaseSet,
    digest,
  }));
  return [
    {
      kind: "attempt",
      attempt,
      owner: "test",
      operation: "upgrade",
      releaseSet: target.releaseSet,
      targetDigest: target.digest,
      targets,
    },
    ...ran.flatMap(({ service }) =>
      (["check", "verify"] as const).map((step): EntryBody => ({
        kind: "receipt",
        digest: service.digest,
        releaseSet: service.releaseSet,
        receipt: {
          ...{ step, service: service.name, verdict: "passed", summary: "", evidence: [], gates: [], facts: {} },
          ...{ startedAt: at, durationMilliseconds: 1, toolVersion: "test", attempt },
        },
      })),
    ),
    { kind: "closed", verdict: "passed", reason: "" },
  ];
}
