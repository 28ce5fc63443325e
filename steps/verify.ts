import { CutoverError } from "../model/error.ts";
import { figureBefore } from "../model/figure-before.ts";
import type { Json } from "../model/service.ts";
import { verifySpec } from "../model/step-specs.ts";
import { letsPass, worstOf } from "../model/verdict.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import { runGates } from "./gates/index.ts";

/** Runs all gates of the service; passed only when every one of them passed and Helm calls the release deployed. */
export async function run(context: StepContext): Promise<Outcome> {
  const spec = parseSpec(verifySpec, context.request);
  const { service, database, gates, prometheus, operationalDatabases } = spec;
  const results = await runGates(gates, {
    kubernetes: await context.kubernetes(),
    helm: context.helm,
    service,
    openDatabase: () => (database === null ? Promise.reject(noDatabase(service.name)) : context.postgres(database)),
    ...(operationalDatabases === null
      ? {}
      : {
          openOperational: async (name) => {
            const { openOperationalForGates } = await import("./gates/operational-database.ts");
            return openOperationalForGates(context, operationalDatabases, name);
          },
          defaultConnection: database === null ? "operational" : "service",
        }),
    figureBefore: async (gate) =>
      figureBefore(await (await context.ledger()).pages(), {
        gate,
        service: service.name,
        releaseSet: service.releaseSet,
      }),
    prometheus,
    say: context.progress,
    signal: context.signal,
  });
  const [release] = await (await context.helm()).history(service.namespace, service.helmRelease);
  const deployed = release?.status === "deployed";
  const where = `Helm release ${service.namespace}/${service.helmRelease}`;
  const state = release === undefined ? "is missing" : `is ${release.status} at revision ${release.revision}`;
  const verdict = worstOf([...results.map((result) => result.verdict), deployed ? "passed" : "failed"]);
  const bad = results.filter((result) => !letsPass(result.verdict));
  const facts: { [key: string]: Json } = {
    namespace: service.namespace,
    helmRelease: service.helmRelease,
    revision: release?.revision ?? null,
    chart: release === undefined ? null : `${release.chartName} ${release.chartVersion}`,
  };
  return {
    verdict,
    summary: letsPass(verdict)
      ? `${service.name} verified at ${service.releaseSet}: ${results.length} gates passed`
      : `${service.name}: ${[...bad.map((result) => `${result.gate} ${result.verdict}`), ...(deployed ? [] : [`${where} ${state}`])].join(", ")}`,
    evidence: [
      ...bad.flatMap((result) => [
        `${result.gate}: ${result.summary}`,
        ...result.evidence.map((line) => `${result.gate}: ${line}`),
      ]),
      `${where} ${state}`,
    ],
    gates: results,
    facts,
  };
}

function noDatabase(service: string): CutoverError {
  return new CutoverError({
    code: "CUT-5111",
    verdict: "errored",
    happened: `a gate of ${service} asks its database, but the service has none`,
    next: "Remove the gate from the release set or give the role a schemaVersion and a database.",
  });
}
