import { canonicalJson } from "./ledger.ts";
import { manifestDiff } from "./release-diff.ts";
import type { Json, ResolvedService } from "./service.ts";

/** What plain Helm left of one service. */
export interface FoundRelease {
  revision: number;
  status: string;
  chartName: string;
  chartVersion: string;
  values: { [key: string]: Json };
  manifest: string;
}

const mostLines = 12;

/**
 * How a Helm release differs from what the stack declares of it; empty: it may be adopted. Values are named by their paths only, manifests
 * are masked: no secret gets into the lines. Hooks are not compared, Helm keeps them apart from the manifest. Throws when a manifest is no YAML.
 */
export function adoptionProblems(service: ResolvedService, found: FoundRelease, rendered: string): string[] {
  const { name, chart, values, releaseSet } = service;
  const say = (text: string) => `${name}: ${text}`;
  const wantedChart = chartNameOf(chart);
  const names = { before: `revision ${found.revision}`, after: releaseSet };
  const patch = manifestDiff(found.manifest, rendered, names).patch;
  const changed = patch.split("\n").filter((line) => /^[+-](?![+-]{2} )/.test(line));
  return [
    ...(found.status === "deployed" ? [] : [say(`Helm says ${found.status}, not deployed`)]),
    ...(found.chartName === wantedChart && found.chartVersion === chart.version
      ? []
      : [
          say(`chart ${found.chartName} ${found.chartVersion} runs, ${releaseSet} has ${wantedChart} ${chart.version}`),
        ]),
    ...differingPaths(found.values, values).map((path) => say(`values differ at ${path}`)),
    ...changed.slice(0, mostLines).map((line) => say(`manifest ${line}`)),
    ...(changed.length > mostLines ? [say(`manifest: ${changed.length - mostLines} more lines differ`)] : []),
  ];
}

/** Name of a chart by its archive: `charts/gim-100.0.113+3400.tgz` is `gim`. */
function chartNameOf(chart: { path: string; version: string }): string {
  const file = chart.path.split("/").at(-1) ?? "";
  return file.replace(/\.tgz$/, "").replace(`-${chart.version}`, "");
}

/** Paths (`image.tag`, `args.0`) at which two JSON values differ. */
export function differingPaths(before: unknown, after: unknown, path = ""): string[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [path === "" ? "(the whole)" : path];
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const children = [...keys].sort();
  return children.flatMap((key) =>
    differingPaths(own(before, key), own(after, key), path === "" ? key : `${path}.${key}`),
  );
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object";
}

// A key `__proto__` of a JSON document is its own only where it is written.
function own(branch: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(branch, key) ? branch[key] : undefined;
}
