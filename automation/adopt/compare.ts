import { join } from "node:path";
import type { Helm } from "../../clients/contracts.ts";
import { adoptionProblems } from "../../model/adoption.ts";
import { CutoverError, describeError } from "../../model/error.ts";
import type { ResolvedService } from "../../model/service.ts";
import { redactText } from "../../steps/redaction.ts";

/** A service that plain Helm installed. */
export interface Candidate {
  service: ResolvedService;
  /** Helm's revision that was compared. */
  revision: number;
}

/** Reads Helm's newest revision of every service; null: not installed. */
export async function installedRevisions(
  helm: Helm,
  services: readonly ResolvedService[],
): Promise<Map<string, number | null>> {
  const found = services.map(async ({ name, namespace, helmRelease }): Promise<[string, number | null]> => {
    const [newest] = await helm.history(namespace, helmRelease);
    return [name, newest?.revision ?? null];
  });
  return new Map(await Promise.all(found));
}

/** Compares chart, values and manifest with what the stack declares. Throws CUT-6450 naming every difference, CUT-2068; only reads. */
export async function refuseDifferences(
  helm: Helm,
  root: string,
  stack: string,
  candidates: readonly Candidate[],
): Promise<void> {
  refuseSecretValues(stack, candidates);
  const found = await Promise.all(candidates.map(({ service }) => problemsOf(helm, root, service)));
  const problems = found.flat();
  if (problems.length === 0) return;
  throw new CutoverError({
    code: "CUT-6450",
    verdict: "failed",
    happened: `what Helm runs is not what ${stack} declares`,
    evidence: problems,
    untouched: "Nothing was changed: neither the cluster nor Pulumi's state nor the stack file.",
    next: `set cutover:release (or pins) of stacks/Pulumi.${stack}.yaml to the release set that runs and correct the values, then: cutover adopt ${stack}`,
    exitCode: 15,
  });
}

async function problemsOf(helm: Helm, root: string, service: ResolvedService): Promise<string[]> {
  const { name, namespace, helmRelease: release, chart, values } = service;
  const [newest] = await helm.history(namespace, release);
  if (newest === undefined) return [`${name}: Helm knows no release ${namespace}/${release} any more`];
  try {
    const rendered = await helm.render({ release, namespace, chartPath: join(root, chart.path), values });
    return adoptionProblems(service, newest, rendered).map(redactText);
  } catch (error) {
    return [redactText(`${name}: ${describeError(error).slice(0, 3).join("; ")}`)];
  }
}

// Adoption writes a release's values into Pulumi's state itself; secret ones it could only write in clear.
function refuseSecretValues(stack: string, candidates: readonly Candidate[]): void {
  const names = candidates.flatMap(({ service }) => (service.sealedValues === undefined ? [] : [service.name]));
  if (names.length === 0) return;
  throw new CutoverError({
    code: "CUT-2068",
    verdict: "failed",
    happened: `releases with values of a Pulumi secret cannot be adopted: ${names.join(", ")}`,
    untouched: "Nothing was changed: neither the cluster nor Pulumi's state nor the stack file.",
    next: `take the secret out (pulumi config rm cutover:upgradeAssistant --stack ${stack}) and write what the release runs with into stacks/<platform>/values and the Secret, then: cutover adopt ${stack}`,
    exitCode: 2,
  });
}
