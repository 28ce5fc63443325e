import { CutoverError, messageOf } from "./error.ts";
import { gateSpec, type GateSpec } from "./gate.ts";

export type GateSettings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Changes single fields of gates by gate name (`cutover:gateSettings`), such as a shorter window in dev. A gate's name and
 * kind stay. Throws CUT-2034 when the result is no valid gate.
 */
export function applyGateSettings(gates: readonly GateSpec[], settings: GateSettings): GateSpec[] {
  return gates.map((gate) => {
    const change = Object.hasOwn(settings, gate.name) ? settings[gate.name] : undefined;
    if (change === undefined) return gate;
    const parsed = gateSpec.safeParse({ ...gate, ...change, name: gate.name, kind: gate.kind });
    if (parsed.success) return parsed.data;
    throw new CutoverError(
      {
        code: "CUT-2034",
        verdict: "errored",
        happened: `cutover:gateSettings of ${gate.name} do not fit a gate of kind ${gate.kind}`,
        evidence: parsed.error.issues.map((issue) => `${[gate.name, ...issue.path].join(".")}: ${issue.message}`),
        untouched: "nothing was touched",
        next: "change only fields of that kind of gate, such as timeoutSeconds",
        exitCode: 2,
      },
      { cause: new Error(messageOf(parsed.error)) },
    );
  });
}

/** Names in the settings that belong to none of the gates. */
export function unmatchedGateSettings(settings: GateSettings, gates: readonly GateSpec[]): string[] {
  const names = new Set(gates.map((gate) => gate.name));
  return Object.keys(settings).filter((name) => !names.has(name));
}
