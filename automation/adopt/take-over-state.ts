import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { adoptedResources, type PreviewStep, type StateResource } from "../../model/adopted-state.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { openPulumi, type Pulumi } from "../pulumi-command.ts";
import type { Candidate } from "./compare.ts";

interface Exported {
  deployment: { resources?: StateResource[] } | null;
}

const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * Puts Helm releases into Pulumi's state without touching the cluster: their inputs as the program declares them, their outputs as the plugin
 * reads them. A preview must then find nothing to do on them, else the old state is put back and CUT-6452 is thrown (also when anything else
 * goes wrong). Releases that the state knows already are only looked at again.
 */
export async function takeOverState(
  root: string,
  stack: string,
  candidates: readonly Candidate[],
  pulumi: Pulumi = openPulumi(root, stack),
): Promise<void> {
  const before = await pulumi(["stack", "export"]);
  try {
    const state = JSON.parse(before) as Exported;
    const existing = state.deployment?.resources ?? [];
    const steps = await previewSteps(pulumi);
    const urns = candidates.map(({ service }) => urnOf(service.name, [...existing, ...steps]));
    const added = adoptedResources(existing, steps, urns, randomUUID);
    if (added.length > 0) {
      const deployment = { ...state.deployment, resources: [...existing, ...added] };
      await pulumi(["stack", "import"], JSON.stringify({ ...state, deployment }));
    }
    await pulumi(["refresh", "--yes", "--skip-preview", ...urns.flatMap((urn) => ["--target", urn])]);
    await refuseChanges(pulumi, stack, urns);
    await refuseOtherRevisions(pulumi, candidates, urns);
  } catch (cause) {
    const kept = await putBack(pulumi, before, join(root, ".cutover", `state-before-adopt-${stack}.json`));
    throw notTakenOver(stack, cause, kept);
  }
}

/** Null when the old state is back, else the file in which it is kept (secrets encrypted, as Pulumi exports them). */
async function putBack(pulumi: Pulumi, before: string, file: string): Promise<string | null> {
  try {
    await pulumi(["stack", "import"], before);
    return null;
  } catch {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, before, { mode: 0o600 });
    return file;
  }
}

async function previewSteps(pulumi: Pulumi): Promise<PreviewStep[]> {
  return (JSON.parse(await pulumi(["preview", "--json"])) as { steps?: PreviewStep[] }).steps ?? [];
}

function urnOf(service: string, resources: readonly { urn: string }[]): string {
  const urn = resources.find(({ urn: one }) => one.endsWith(`${releaseType}::${service}`))?.urn;
  if (urn === undefined) throw new Error(`the program declares no Helm release ${service}`);
  return urn;
}

async function refuseChanges(pulumi: Pulumi, stack: string, urns: readonly string[]): Promise<void> {
  const steps = (await previewSteps(pulumi)).filter(({ urn, op }) => urns.includes(urn) && op !== "same");
  if (steps.length === 0) return;
  throw new Error(
    `pulumi would still change ${steps.map(({ op, urn }) => `${urn.split("::").at(-1)} (${op})`).join(", ")}: pulumi preview --diff --stack ${stack}`,
  );
}

async function refuseOtherRevisions(pulumi: Pulumi, candidates: readonly Candidate[], urns: readonly string[]) {
  const state = JSON.parse(await pulumi(["stack", "export"])) as Exported;
  const wrong = candidates.filter(({ revision }, index) => {
    const found = state.deployment?.resources?.find(({ urn }) => urn === urns[index]);
    const status = found?.outputs?.["status"] as { revision?: number } | undefined;
    return status?.revision !== revision;
  });
  if (wrong.length > 0)
    throw new Error(`Helm made a new revision meanwhile: ${wrong.map(({ service }) => service.name).join(", ")}`);
}

function notTakenOver(stack: string, cause: unknown, kept: string | null): CutoverError {
  const deeper = cause instanceof CutoverError ? (cause.details.evidence ?? []) : [];
  return new CutoverError(
    {
      code: "CUT-6452",
      verdict: "errored",
      happened: `the Helm releases could not be brought into Pulumi's state of ${stack}`,
      evidence: [messageOf(cause), ...deeper],
      untouched: `The cluster was not touched; ${kept === null ? "Pulumi's state is the old one again" : "Pulumi's state could not be put back"}.`,
      next:
        kept === null
          ? `remove the cause named above, then: cutover adopt ${stack}`
          : `pulumi stack import --stack ${stack} --file ${kept}, then: cutover adopt ${stack}`,
      exitCode: 20,
    },
    { cause },
  );
}
