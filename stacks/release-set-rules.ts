import { serviceStepKinds, type ChartSource, type ReleaseSet, type RoleRelease } from "../model/release-set.ts";
import { gitUrlProblem } from "../model/git-source.ts";
import type { Problem } from "./schema-problems.ts";

/** What a schema cannot say of a release set: names that agree, and steps that have what they need. */
export function checkReleaseSet(set: ReleaseSet, folderName: string): Problem[] {
  return [
    ...(set.name === folderName
      ? []
      : [{ path: ["name"], text: `name is ${set.name}, but the folder is called ${folderName}` }]),
    ...Object.entries(set.roles).flatMap(([role, release]) => checkRole(role, release)),
  ];
}

function checkRole(role: string, release: RoleRelease): Problem[] {
  const problem = (key: string, text: string): Problem => ({ path: ["roles", role, key], text: `${role}: ${text}` });
  const inOrder = serviceStepKinds.filter((kind) => release.steps.includes(kind));
  const gates = release.gates.map((gate) => gate.name);
  const doubled = gates.find((name, index) => gates.indexOf(name) !== index);
  const outside = [...pathsOf(release.chart), release.values ?? ""].find(
    (file) => file.split("/").includes("..") || file.startsWith("/"),
  );
  return [
    ...(inOrder.join() === release.steps.join()
      ? []
      : [problem("steps", `steps must be in this order: ${inOrder.join(", ")}`)]),
    // Without verify a service would never count as done, and every run would release it again.
    ...(["release", "verify"] as const)
      .filter((kind) => !release.steps.includes(kind))
      .map((kind) => problem("steps", `steps must contain ${kind}`)),
    ...(release.steps.includes("backup") && release.backup === undefined
      ? [problem("steps", "the step backup needs `backup`")]
      : []),
    ...(release.steps.includes("migrate") && (release.migrate === undefined || release.schemaVersion === undefined)
      ? [problem("steps", "the step migrate needs `migrate` and `schemaVersion`")]
      : []),
    ...(doubled === undefined ? [] : [problem("gates", `two gates are called ${doubled}`)]),
    ...sourceProblems(release.chart).map((text) => problem("chart", text)),
    ...(outside === undefined ? [] : [problem("chart", `${outside} lies outside the release set's folder`)]),
  ];
}

function pathsOf(chart: ChartSource): string[] {
  if ("path" in chart) return [chart.path];
  return "git" in chart ? [chart.git.folder] : [];
}

function sourceProblems(chart: ChartSource): string[] {
  if ("oci" in chart) return chart.oci.includes("@") ? ["the oci reference must name no user and no digest"] : [];
  const problem = "git" in chart ? gitUrlProblem(chart.git.url) : null;
  return problem === null ? [] : [problem];
}
