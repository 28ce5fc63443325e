import type { Check, CheckResult, PreflightContext } from "../contract.ts";
import { count, errored, failed, passed, skipped } from "../outcome.ts";
import type { ServiceState } from "../service-state.ts";

/** Never upgrade a service unless all operate normally (seed 001). */
export const servicesHealthy: Check = {
  name: "services-healthy",
  code: "CUT-3120",
  overridable: true,
  async run(context) {
    const rollback = (await context.ledger()).summary.operation?.operation === "rollback";
    const installed = (await context.states()).filter((state) => state.newest !== null);
    if (installed.length === 0) return skipped("nothing is installed");
    const findings = await Promise.all(installed.map((state) => judgeService(context, state, rollback)));
    const of = (verdict: CheckResult["verdict"]): string[] =>
      findings.flatMap((finding) => (finding.verdict === verdict ? finding.evidence : []));
    const lenient = of("skipped");
    const unknown = of("errored");
    const unhealthy = of("failed");
    if (unhealthy.length > 0) {
      return failed(
        "a service does not operate normally",
        [...unhealthy, ...unknown],
        "make it healthy first (kubectl describe pod, kubectl logs); do not upgrade a service unless all operate normally",
      );
    }
    if (unknown.length > 0) {
      return errored(
        "the health of a service could not be judged",
        unknown,
        "remove the cause named here, then run the same command again",
      );
    }
    const healthy = findings.filter((finding) => finding.verdict === "passed").length;
    const left = findings.length - healthy;
    const rest = left === 0 ? "" : `; ${left} left to the gates of the interrupted run, which changed it`;
    return passed(`${count(healthy, "service")} healthy${rest}`, lenient);
  },
};

interface Finding {
  verdict: CheckResult["verdict"];
  evidence: string[];
}

async function judgeService(context: PreflightContext, state: ServiceState, rollback: boolean): Promise<Finding> {
  const { name, namespace, helmRelease } = state.service;
  const { checkHealthNow } = await import("../../gates/health.ts");
  const health = await checkHealthNow(await context.kubernetes(), { namespace, helmRelease });
  if (health.verdict === "passed") return { verdict: "passed", evidence: [] };
  const found = health.evidence.length > 0 ? health.evidence.slice(0, 8) : [health.summary];
  const lines = found.map((line) => `${name}: ${line}`);
  // A rollback is there to heal what is unhealthy; its gates judge each service after it.
  if (state.changedByOpenRun || rollback) return { verdict: "skipped", evidence: lines };
  return { verdict: health.verdict === "failed" ? "failed" : "errored", evidence: lines };
}
