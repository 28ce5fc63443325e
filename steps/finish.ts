import { summarize } from "../model/ledger-summary.ts";
import { CutoverError } from "../model/error.ts";
import type { Page } from "../model/ledger.ts";
import { finishSpec } from "../model/step-specs.ts";
import type { Receipt } from "../model/step.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";

/**
 * Closes the run: every service must stand verified at its digest in the ledger, and Helm must call every release
 * deployed (to Pulumi a `pending-upgrade` under old inputs is "unchanged", facts/experiments.md C8).
 */
export async function run(context: StepContext): Promise<Outcome> {
  const { services } = parseSpec(finishSpec, context.request);
  const pages = await (await context.ledger()).pages();
  const { verified } = summarize(pages);
  const problems: string[] = [];
  for (const service of services) {
    const stands = verified.get(service.name);
    if (stands?.digest !== service.digest) {
      problems.push(`${service.name}: not verified at ${service.releaseSet} (digest ${service.digest.slice(0, 12)})`);
    }
  }
  problems.push(
    ...(await releaseProblems(
      context,
      pages,
      services.map((service) => service.name),
    )),
  );
  if (problems.length > 0) {
    throw new CutoverError({
      code: "CUT-5112",
      verdict: "failed",
      happened: "the run cannot be closed as passed",
      evidence: problems,
      untouched: "Nothing was changed by this step; the run stays open.",
      next: `pulumi up --stack ${context.request.stack} (npm run recover -- ${context.request.stack} first, if a release is pending)`,
    });
  }
  const reason = `all ${services.length} services stand verified at ${context.request.target.releaseSet}`;
  return {
    verdict: "passed",
    summary: reason,
    evidence: services.map((service) => `${service.name} ${service.releaseSet} ${service.digest.slice(0, 12)}`),
    close: { verdict: "passed", reason },
  };
}

async function releaseProblems(
  context: StepContext,
  pages: readonly Page[],
  names: readonly string[],
): Promise<string[]> {
  const helm = await context.helm();
  const problems = await Promise.all(
    names.map(async (name) => {
      const { namespace, helmRelease } = lastVerification(pages, name)?.facts ?? {};
      if (typeof namespace !== "string" || typeof helmRelease !== "string") return [];
      const [newest] = await helm.history(namespace, helmRelease);
      if (newest?.status === "deployed") return [];
      return [`${name}: Helm release ${namespace}/${helmRelease} is ${newest?.status ?? "missing"}`];
    }),
  );
  return problems.flat();
}

function lastVerification(pages: readonly Page[], service: string): Receipt | undefined {
  return pages
    .flatMap((page) => page.entries)
    .flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt] : []))
    .findLast((receipt) => receipt.service === service && receipt.step === "verify" && receipt.verdict === "passed");
}
