import { showDuration } from "../../model/duration.ts";
import type { GateSpec } from "../../model/gate.ts";
import type { Plan } from "../../model/plan.ts";
import type { ResolvedService } from "../../model/service.ts";
import { columns } from "../output.ts";
import type { Forecast } from "../plan/forecast.ts";
import type { CheckAnswer } from "../plan/preflight-results.ts";
import type { PlanReport } from "../plan/plan-report.ts";
import { previewChanges, type PulumiPreview } from "../plan/pulumi-preview.ts";
import type { ReleaseDiff } from "../plan/release-diffs.ts";

/** A plan in words: what would run, what would be judged, what would change, what it would take. */
export function planLines({ plan, pending }: Forecast, report: PlanReport): string[] {
  const title = (text: string): string[] => ["", text];
  if (report.nothingToDo) {
    const drift = previewChanges(report.preview)
      ? ["but Pulumi would change something: the cluster or a setting is another now"]
      : [];
    return [
      `nothing to do: every service stands verified at ${plan.releaseSet}`,
      ...drift,
      "Pulumi:",
      ...previewLines(report.preview),
    ];
  }
  return [
    `towards ${plan.releaseSet}, attempt ${plan.attempt}`,
    ...columns(
      plan.directions.map((one) => [`  ${one.service}`, one.direction, `${one.from ?? "nothing"} -> ${one.to}`]),
    ),
    ...stopLines(plan),
    ...title("steps, in order:"),
    ...stepLines(plan),
    ...timeLines(report),
    ...title("gates that will run:"),
    ...pending.flatMap(gateLines),
    ...title("what changes in each release (secrets masked):"),
    ...report.releases.flatMap(releaseLines),
    ...title("preflight, as it would judge now:"),
    ...(report.preflight?.rows ?? []).map((row) => `  ${row}`),
    ...problemLines(report),
    ...title("Pulumi:"),
    ...previewLines(report.preview),
    ...title("a rollback would undo:"),
    ...report.rollbackUndoes.map((line) => `  ${line}`),
    ...title("a rollback would not undo:"),
    ...(report.rollbackLeaves.length === 0 ? ["nothing that is known"] : report.rollbackLeaves).map(
      (line) => `  ${line}`,
    ),
  ];
}

function stopLines({ stops, releaseSet }: Plan): string[] {
  if (stops.length === 0) return [];
  return [
    `too far for one step (N-2): run and verify ${stops.join(", then ")} first, then ${releaseSet}`,
    `  first: cutover upgrade STACK --release ${stops[0] ?? ""}`,
  ];
}

function stepLines(plan: Plan): string[] {
  const still = new Map(plan.steps.filter((step) => !step.runs).map((step) => [step.service, step.reason]));
  const rows = plan.steps
    .filter((step) => step.runs)
    .map((step) => [`  ${step.service ?? "platform"} ${step.step}`, expectation(step), step.reason]);
  return [
    ...columns(rows),
    ...[...still].map(([service, reason]) => `  ${service ?? "platform"}: nothing runs: ${reason}`),
  ];
}

// The Helm release leaves no receipt: the gates wait, not Helm.
function expectation({ step, expectedMilliseconds: expected }: Plan["steps"][number]): string {
  if (step === "release") return "seconds";
  return expected === null ? "not measured yet" : `about ${showDuration(expected)}`;
}

function timeLines(report: PlanReport): string[] {
  const { expectedMilliseconds: expected, window } = report;
  const worst = showDuration(report.worstCaseMilliseconds);
  return [
    `  expected: ${expected === null ? "not known, a step was never measured" : `about ${showDuration(expected)}`}; worst case with the way back: ${worst}`,
    ...(window?.lines ?? ["always open (no cutover:window)"]).map((line) => `  window: ${line}`),
  ];
}

function gateLines(service: ResolvedService): string[] {
  return service.gates.map((gate) => `  ${service.name} ${gate.name} (${gate.kind}): ${parametersOf(gate)}`);
}

function parametersOf({ kind: _kind, name: _name, ...parameters }: GateSpec): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

function releaseLines(release: ReleaseDiff): string[] {
  const { service, from, to, values, manifest, objects, hooks, problem } = release;
  const was = from === null ? "not installed" : `revision ${from.revision}, ${from.chartVersion}`;
  const head = `  ${service}: ${was} -> ${to.chartVersion} (${to.releaseSet})`;
  if (problem !== null) return [`${head}: could not be compared: ${problem}`];
  const hookLine = hooks.length === 0 ? [] : [`    hooks, not compared: ${hooks.join(", ")}`];
  if (from === null) return [`${head}: new: ${objects.join(", ")}`, ...hookLine];
  return [head, ...patchLines("values", values), ...patchLines("manifest", manifest), ...hookLine];
}

function patchLines(what: string, patch: string): string[] {
  if (patch === "") return [`    ${what}: no change`];
  return [
    `    ${what}:`,
    ...patch
      .trimEnd()
      .split("\n")
      .map((line) => `      ${line}`),
  ];
}

function problemLines({ preflight }: PlanReport): string[] {
  if (preflight === null) return [];
  const stopping = preflight.checks.filter((one) => preflight.stoppedBy.includes(one.check));
  // As in a run: one block per cause, since a server that is gone makes several checks say the same.
  const causes = new Map<string, CheckAnswer[]>();
  for (const one of stopping) {
    const key = `${one.code ?? ""} ${one.verdict} ${one.summary}`;
    causes.set(key, [...(causes.get(key) ?? []), one]);
  }
  return [
    `  ${preflight.summary}`,
    ...[...causes.values()].flatMap(([one, ...others]) =>
      one === undefined ? [] : problemBlock(one, [one, ...others].map(({ check }) => check).join(", ")),
    ),
  ];
}

function problemBlock(one: CheckAnswer, checks: string): string[] {
  return [
    `  ${one.code ?? ""} ${checks}: ${one.summary}`,
    ...one.evidence.slice(0, 12).map((line) => `    evidence: ${line}`),
    ...(one.next === null ? [] : [`    next: ${one.next}`]),
  ];
}

function previewLines(preview: PulumiPreview): string[] {
  if (preview.counts === null) {
    return [`  no preview: ${preview.why}`, ...preview.evidence.slice(0, 8).map((line) => `    ${line}`)];
  }
  const counts = Object.entries(preview.counts).map(([operation, count]) => `${count} to ${operation}`);
  return [`  ${counts.join(", ").replace("to same", "unchanged") || "no resources"}`];
}
