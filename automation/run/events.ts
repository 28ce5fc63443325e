import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { platformStepKinds } from "../../model/release-set.ts";

/** What an engine event means for one step of the plan. */
export interface StepEvent {
  /** `gim-t100 backup`, `gim-t100 release`, `platform preflight`. */
  step: string;
  what: "begins" | "ends" | "fails" | "says";
  text: string;
}

const commandType = "command:local:Command";
const releaseType = "kubernetes:helm.sh/v3:Release";
const changing = new Set(["create", "create-replacement", "update", "delete"]);

/** Reads an engine event; null when no person wants to know. `services`: all names, to tell `gim-t100-verify` apart. */
export function readEvent(event: EngineEvent, services: readonly string[]): StepEvent | null {
  const { diagnosticEvent, resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
  if (diagnosticEvent !== undefined) {
    const step = stepOf(diagnosticEvent.urn ?? "", services);
    const text = wordsOf(diagnosticEvent.message);
    return step === null || text === "" ? null : { step, what: "says", text };
  }
  const [metadata, what] =
    resourcePreEvent !== undefined
      ? ([resourcePreEvent.metadata, "begins"] as const)
      : resOutputsEvent !== undefined
        ? ([resOutputsEvent.metadata, "ends"] as const)
        : ([resOpFailedEvent?.metadata, "fails"] as const);
  if (metadata === undefined || !changing.has(metadata.op)) return null;
  // The old form of a replaced step is only forgotten: nothing runs.
  if (metadata.op === "delete" && !metadata.urn.includes(releaseType)) return null;
  // A step that is only updated prints its old receipt again.
  if (metadata.op === "update" && !metadata.urn.includes(releaseType)) return null;
  const step = stepOf(metadata.urn, services);
  return step === null ? null : { step, what, text: metadata.op };
}

// Of what a step prints, the lines that tell a person something: no receipts, no checks that passed.
function wordsOf(message: string): string {
  return message
    .replace(/<\{%[^%]*%\}>/g, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter(
      (line) =>
        line.trim() !== "" &&
        !/^\s*\{"step":|preflight: (✓ passed|- skipped) (?!.*NOT CHECKED)|^exit status \d+: running/.test(line),
    )
    .join("\n");
}

const platformSteps: ReadonlySet<string> = new Set(["preflight", ...platformStepKinds, "finish"]);

/** The step that a resource is: by its type and its name. */
export function stepOf(urn: string, services: readonly string[]): string | null {
  const [, , types = "", name = ""] = urn.split("::").slice(-4);
  const type = types.split("$").at(-1) ?? "";
  if (type === releaseType) return `${name} release`;
  if (type !== commandType) return null;
  if (platformSteps.has(name)) return `platform ${name}`;
  const service = services.filter((one) => name.startsWith(`${one}-`)).sort((a, b) => b.length - a.length)[0];
  return service === undefined ? null : `${service} ${name.slice(service.length + 1)}`;
}
