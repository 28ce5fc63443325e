import * as z from "zod";
import type { Helm } from "../clients/contracts.ts";
import { CutoverError } from "../model/error.ts";
import type { Pulumi } from "./pulumi-command.ts";
import type { Voice } from "./recover.ts";

const releaseType = "kubernetes:helm.sh/v3:Release";
const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const exported = z.looseObject({
  deployment: z
    .looseObject({
      resources: z.array(resource).optional(),
      pending_operations: z.array(z.looseObject({ type: z.string(), resource })).optional(),
    })
    .nullable(),
});
type Resource = z.infer<typeof resource>;

/** A Helm release that the stack owns. */
export interface StackRelease {
  urn: string;
  namespace: string;
  name: string;
}

export interface PendingOperation {
  /** creating, updating, deleting, ... */
  type: string;
  urn: string;
  /** Set when it is about a Helm release. */
  release: StackRelease | null;
}

/** What the stack's state says, secrets still encrypted. */
export interface StackState {
  releases: StackRelease[];
  pending: PendingOperation[];
}

/** Reads the state; works while the stack is locked and touches no provider. */
export async function readState(pulumi: Pulumi): Promise<StackState> {
  return stateOf(await pulumi(["stack", "export"]));
}

function stateOf(text: string): StackState {
  const { deployment } = exported.parse(JSON.parse(text));
  const pending = (deployment?.pending_operations ?? []).map((operation) => ({
    type: operation.type,
    urn: operation.resource.urn,
    release: releaseOf(operation.resource),
  }));
  const own = (deployment?.resources ?? []).map(releaseOf);
  const all = [...own, ...pending.map((operation) => operation.release)].filter((release) => release !== null);
  return {
    releases: [...new Map(all.map((release) => [`${release.namespace}/${release.name}`, release])).values()],
    pending,
  };
}

function releaseOf(found: Resource): StackRelease | null {
  if (found.type !== releaseType) return null;
  const text = (key: string): string => {
    const value = found.inputs?.[key] ?? found.outputs?.[key];
    return typeof value === "string" ? value : "";
  };
  const name = text("name");
  return name === "" ? null : { urn: found.urn, name, namespace: text("namespace") || "default" };
}

/**
 * Takes the operations that the dead run left pending out of the state: a pending create would warn for ever. Touches
 * neither cluster nor resources. Throws CUT-6011 (exit code 20) for a Helm release that was installed without the state
 * knowing it.
 */
export async function settlePendingOperations(
  pulumi: Pulumi,
  state: StackState,
  helm: Helm,
  voice: Voice,
): Promise<void> {
  if (state.pending.length === 0) return;
  const unknown: StackRelease[] = [];
  for (const { type, release } of state.pending) {
    if (type !== "creating" || release === null) continue;
    const [newest] = await helm.history(release.namespace, release.name);
    if (newest !== undefined) unknown.push(release);
  }
  const whole = JSON.parse(await pulumi(["stack", "export"])) as { deployment: { pending_operations?: unknown } };
  delete whole.deployment.pending_operations;
  await pulumi(["stack", "import"], JSON.stringify(whole));
  for (const { type, urn } of state.pending)
    voice.act(`cleared the pending operation "${type}" of ${urn.split("::").at(-1)}`);
  if (unknown.length === 0) return;
  const names = unknown.map((release) => `${release.namespace}/${release.name}`);
  throw new CutoverError({
    code: "CUT-6011",
    verdict: "errored",
    happened: `the interrupted run installed ${names.join(", ")}, but Pulumi's state does not know it`,
    evidence: unknown.map((release) => release.urn),
    untouched: "These Helm releases and their pods.",
    next:
      unknown.map((release) => `helm uninstall ${release.name} -n ${release.namespace}`).join("; ") +
      ", then pulumi up",
    exitCode: 20,
  });
}
