import { applyGateSettings, type GateSettings } from "./gate-settings.ts";
import type { GateSpec } from "./gate.ts";
import { canonicalJson, sha256 } from "./ledger.ts";

/** Per role: digest of the steps and gates that judge it. */
export type JudgedBy = Readonly<Record<string, string>>;

/**
 * Digests of what judges the named roles of a release set on a stack. Namespaces are not filled in and a gate's patience
 * (timeoutSeconds) is left out, so that stacks which ask the same questions get the same digests. Throws CUT-2034.
 */
export function judgedByOf(
  roles: Readonly<Record<string, { steps: readonly string[]; gates: readonly GateSpec[] }>>,
  names: readonly string[],
  settings: GateSettings,
): { [role: string]: string } {
  return Object.fromEntries(
    names.flatMap((name) => {
      const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
      if (role === undefined) return [];
      const gates = applyGateSettings(role.gates, settings).map(({ timeoutSeconds: _patience, ...gate }) => gate);
      return [[name, sha256(canonicalJson({ steps: role.steps, gates }))]];
    }),
  );
}

/** Roles that the upper stack judges and the lower one did not, or not in the same way. */
export function rolesJudgedDifferently(upper: JudgedBy, lower: JudgedBy): string[] {
  return Object.keys(upper).filter((role) => lower[role] !== upper[role]);
}
