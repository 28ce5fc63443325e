import type { StackContext } from "../components/context.ts";
import type { PlatformArgs } from "../components/platform.ts";
import { CutoverError } from "../model/error.ts";
import type { ServiceSlot } from "../model/expand.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import { nodeProcedureOf } from "./node-procedure.ts";
import type { ReleaseSets } from "./release-sets.ts";

/** What the platform has outside Kubernetes, as stack file and release sets tell it. */
export function outsideOf(settings: StackSettings, sets: ReleaseSets): StackContext["outside"] {
  return {
    operationalDatabases: settings.operationalDatabases ?? null,
    nodes: settings.nodes,
    procedure: settings.nodes.length === 0 ? null : nodeProcedureOf(sets, settings.release),
    tenantSettings: settings.tenantSettings ?? null,
  };
}

/** The slots that exist at the release sets they are taken from: v6 has no Helm release at all. */
export function presentSlots(slots: ServiceSlot[], release: string, sets: ReleaseSets): ServiceSlot[] {
  const present = slots.filter((slot) => !sets.load(slot.pin ?? release).set.absentRoles.includes(slot.role));
  const names = new Set(present.map(({ name }) => name));
  for (const slot of present) slot.needs = slot.needs.filter((need) => names.has(need));
  return present;
}

/** The platform's own steps, as the stack's release set asks for them. Throws CUT-2045 when the stack file lacks what they need. */
export function platformStepsOf(settings: StackSettings, sets: ReleaseSets): PlatformArgs["platformSteps"] {
  const outside = outsideOf(settings, sets);
  const { nodes, procedure, operationalDatabases } = outside;
  const { backupFolder: folder, acknowledged } = settings;
  return sets.load(settings.release).set.platformSteps.map((kind) => {
    if (operationalDatabases === null) throw missingDatabases(kind, settings.release);
    switch (kind) {
      case "quiesce":
        return { kind, spec: { nodes, procedure, operationalDatabases } };
      case "backup":
        return { kind, spec: { nodes, procedure, operationalDatabases, folder, acknowledged } };
      case "clone":
        return { kind, spec: { operationalDatabases, folder } };
    }
  });
}

function missingDatabases(step: string, release: string): CutoverError {
  return new CutoverError({
    code: "CUT-2045",
    verdict: "errored",
    happened: `release set ${release} asks for the step ${step}, but the stack names no operational databases`,
    untouched: "nothing was touched",
    next: "write cutover:operationalDatabases into the stack file",
    exitCode: 2,
  });
}
