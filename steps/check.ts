import type { HelmRevision } from "../clients/contracts.ts";
import { CutoverError } from "../model/error.ts";
import { summarize } from "../model/ledger-summary.ts";
import { checkSpec } from "../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import { checkHealthNow } from "./gates/index.ts";

interface Release {
  name: string;
  namespace: string;
  helmRelease: string;
}

/** All other services still operate normally, and no release is pending (seed 001: never upgrade a service otherwise). */
export async function run(context: StepContext): Promise<Outcome> {
  const { service, others } = parseSpec(checkSpec, context.request);
  const helm = await context.helm();
  const problemsOf = async (release: Release, isOther: boolean): Promise<(string | null)[]> => {
    const [newest] = await helm.history(release.namespace, release.helmRelease);
    if (newest?.status.startsWith("pending-") === true) return [pendingProblem(context, release, newest)];
    if (!isOther || (newest === undefined && (await wasNeverInstalled(context, release)))) return [];
    return [await healthProblem(context, release)];
  };
  const { operation } = summarize(await (await context.ledger()).pages());
  // While a rollback heals the stack service by service, the others need not be healthy yet.
  const rollback = operation?.operation === "rollback";
  const found = await Promise.all([problemsOf(service, false), ...others.map((other) => problemsOf(other, !rollback))]);
  const problems = found.flat().filter((problem) => problem !== null);
  if (problems.length === 0) {
    const names = others.map((other) => other.name);
    return { verdict: "passed", summary: `all ${names.length} other services are healthy`, evidence: names };
  }
  throw new CutoverError({
    code: "CUT-5110",
    verdict: "failed",
    happened: `${service.name} is not upgraded while other services do not operate normally`,
    evidence: problems,
    untouched: `${service.name} and everything after it.`,
    next: `Repair what is named above, then: pulumi up --stack ${context.request.stack}`,
  });
}

function pendingProblem(context: StepContext, release: Release, newest: HelmRevision): string {
  const { namespace, helmRelease } = release;
  const remedy = `npm run recover -- ${context.request.stack}`;
  return `${release.name}: Helm release ${namespace}/${helmRelease} revision ${newest.revision} is ${newest.status}; ${remedy}`;
}

async function healthProblem(context: StepContext, release: Release): Promise<string | null> {
  const { namespace, helmRelease } = release;
  const health = await checkHealthNow(await context.kubernetes(), { namespace, helmRelease });
  if (health.verdict === "passed" || health.verdict === "skipped") return null;
  return [`${release.name}: ${health.summary}`, ...health.evidence].join("; ");
}

/** A first installation: Helm knows nothing of the service, and no run has ever verified it. */
async function wasNeverInstalled(context: StepContext, release: Release): Promise<boolean> {
  const { lastVerified } = summarize(await (await context.ledger()).pages());
  return !lastVerified.has(release.name);
}
