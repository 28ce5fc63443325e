import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { CutoverError } from "../model/error.ts";
import { sha256 } from "../model/ledger.ts";
import type { ReleaseSet } from "../model/release-set.ts";

/** Checks that every chart of a release set is there and is the one it was. Throws CUT-2042 and CUT-2043. */
export function checkCharts(root: string, folder: string, set: ReleaseSet): void {
  for (const [role, { chart }] of Object.entries(set.roles)) {
    const file = `${folder}/${chart.path}`;
    if (!existsSync(path.join(root, file))) {
      throw chartError(
        "CUT-2042",
        `the chart of ${role} in release set ${set.name} is missing`,
        [`wanted: ${file} (version ${chart.version}, sha256 ${chart.sha256})`],
        "put the chart archive there",
      );
    }
    const found = sha256(readFileSync(path.join(root, file)));
    if (found !== chart.sha256) {
      throw chartError(
        "CUT-2043",
        `the chart of ${role} in release set ${set.name} is not the one that the release set names`,
        [`file: ${file}`, `sha256 named: ${chart.sha256}`, `sha256 found: ${found}`],
        "restore the archive; a changed chart belongs into a new release set with a name of its own",
      );
    }
  }
}

function chartError(code: `CUT-${number}`, happened: string, evidence: string[], next: string): CutoverError {
  return new CutoverError({
    code,
    verdict: "failed",
    happened,
    evidence,
    untouched: "nothing was touched",
    next,
    exitCode: 2,
  });
}
