import { CutoverError } from "./error.ts";

/** Less, equal, greater. */
export type Ordering = -1 | 0 | 1;

/** A version as it is compared: `100.0.116+4200`, `100.0.116.4200`, `v1.34.4-gke.100`, `15.18 (Debian 15.18-1)`, `17rc1`. */
export interface Version {
  /** Numbers before any suffix. */
  numbers: number[];
  /** Build number after `+`; 0 when there is none or when it is no number (`+k3s1` is a vendor's mark). */
  build: number;
  /** Rank and number of `alpha`, `beta`, `rc`, ...; null for a release. */
  preRelease: [rank: number, number: number] | null;
}

// Only these words make a version older than the release of the same number; `-gke.100` or `-1.pgdg` do not.
const preReleaseWords = ["dev", "devel", "snapshot", "alpha", "beta", "preview", "pre", "rc"];
const pattern = new RegExp(
  `^v?(\\d{1,15}(?:\\.\\d{1,15})*)(?:[-.]?(${preReleaseWords.join("|")})(?![a-z])[-.]?(\\d{1,15})?)?((?:[-_+~ (]|\\.(?!\\d)).*)?$`,
  "i",
);

/** Reads a version. Throws CUT-3001 when the text does not begin with a number. */
export function parseVersion(text: string): Version {
  const match = pattern.exec(text.trim());
  if (match?.[1] === undefined) {
    throw new CutoverError({
      code: "CUT-3001",
      verdict: "errored",
      happened: `"${text}" is not a version that can be compared`,
      next: "write it as numbers with dots, such as 100.0.116+4200, v1.34.4 or 15.18",
    });
  }
  const word = match[2]?.toLowerCase();
  const build = /\+(\d{1,15})$/.exec(text.trim());
  return {
    numbers: match[1].split(".").map(Number),
    build: build?.[1] === undefined ? 0 : Number(build[1]),
    preRelease: word === undefined ? null : [preReleaseWords.indexOf(word), Number(match[3] ?? 0)],
  };
}

/**
 * Compares two versions. Unlike semver, the build number after `+` counts, and numerically: `100.0.116+2900` is older than
 * `100.0.116+4200` (facts/domain.md B1). Throws CUT-3001.
 */
export function compareVersions(left: string, right: string): Ordering {
  const a = parseVersion(left);
  const b = parseVersion(right);
  return compareNumbers(a.numbers, b.numbers) || comparePreRelease(a, b) || compareNumbers([a.build], [b.build]);
}

function compareNumbers(a: readonly number[], b: readonly number[]): Ordering {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return 0;
}

function comparePreRelease(a: Version, b: Version): Ordering {
  if (a.preRelease === null || b.preRelease === null) {
    if (a.preRelease === b.preRelease) return 0;
    return a.preRelease === null ? 1 : -1;
  }
  return compareNumbers(a.preRelease, b.preRelease);
}

/** Lowest and highest version that may be used; either may be absent. */
export interface VersionRange {
  minimum?: string | undefined;
  maximum?: string | undefined;
}

/**
 * Where a third party's version lies. A maximum counts as far as it is written: `1.34` allows 1.34.9, `15` allows 15.18.
 * Throws CUT-3001.
 */
export function judgeRange(version: string, range: VersionRange): "within" | "below" | "above" {
  if (range.minimum !== undefined && compareVersions(version, range.minimum) < 0) return "below";
  if (range.maximum === undefined) return "within";
  const maximum = parseVersion(range.maximum);
  const own = parseVersion(version).numbers.slice(0, maximum.numbers.length);
  return compareNumbers(own, maximum.numbers) > 0 ? "above" : "within";
}

/** A range in words: `at least 12 and at most 16`. */
export function describeRange(range: VersionRange): string {
  const parts = [
    ...(range.minimum === undefined ? [] : [`at least ${range.minimum}`]),
    ...(range.maximum === undefined ? [] : [`at most ${range.maximum}`]),
  ];
  return parts.length === 0 ? "any version" : parts.join(" and ");
}

/** Major number of a version: 15 of `15.18 (Debian)`. Throws CUT-3001. */
export function majorOf(version: string): number {
  return parseVersion(version).numbers[0] ?? 0;
}

/** The image tag that belongs to a chart version: `100.0.116+4200` -> `100.0.116.4200`. Without a build number: null. */
export function imageTagOfChart(chartVersion: string): string | null {
  return /^\d[\d.]*\+\d+$/.test(chartVersion) ? chartVersion.replace("+", ".") : null;
}
