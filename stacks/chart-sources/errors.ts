import { CutoverError } from "../../model/error.ts";

/** The chart that an error is about. */
export interface ChartSubject {
  role: string;
  releaseSet: string;
}

/** `the chart of rpi in release set v7.6`. */
export function subjectText({ role, releaseSet }: ChartSubject): string {
  return `the chart of ${role} in release set ${releaseSet}`;
}

/** An error about a chart; nothing has been touched when charts are looked at. */
export function chartError(
  code: `CUT-${number}`,
  verdict: "failed" | "errored",
  happened: string,
  evidence: string[],
  next: string,
  cause?: unknown,
): CutoverError {
  const untouched = "nothing was touched";
  return new CutoverError({ code, verdict, happened, evidence, untouched, next, exitCode: 2 }, { cause });
}

/** The bytes are not the ones that the release set names: CUT-2043. */
export function wrongDigest(subject: ChartSubject, where: string, named: string, found: string): CutoverError {
  return chartError(
    "CUT-2043",
    "failed",
    `${subjectText(subject)} is not the one that the release set names`,
    [`chart: ${where}`, `sha256 named: ${named}`, `sha256 found: ${found}`],
    "restore it; a changed chart belongs into a new release set with a name of its own, with the sha256 found",
  );
}

/** Chart.yaml has another version than the release set: CUT-2061. */
export function wrongVersion(subject: ChartSubject, where: string, named: string, found: string): CutoverError {
  return chartError(
    "CUT-2061",
    "failed",
    `${subjectText(subject)} has another version than the release set names`,
    [`chart: ${where}`, `version named: ${named}`, `version in Chart.yaml: ${found}`],
    "correct chart.version, or name the commit or folder with that version",
  );
}

/** There is no chart where the release set says: CUT-2062. */
export function noChart(subject: ChartSubject, where: string, why: string, evidence: string[] = []): CutoverError {
  return chartError(
    "CUT-2062",
    "failed",
    `${subjectText(subject)} cannot be used: ${why}`,
    [`chart: ${where}`, ...evidence],
    "correct commit, folder or reference of the chart in release.yaml",
  );
}
