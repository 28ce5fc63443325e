import { serviceStepKinds, type ReleaseSet, type RoleRelease } from "../model/release-set.ts";
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
  const outside = [release.chart.path, release.values ?? ""].find(
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
    ...(outside === undefined ? [] : [problem("chart", `${outside} lies outside the release set's folder`)]),
  ];
}
