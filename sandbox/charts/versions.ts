/** Chart versions of the stand-ins per release set, oldest first. Monitoring charts have the version of their service. */
export const chartVersions: readonly { releaseSet: string; gim: string; gsp: string; gca: string }[] = [
  { releaseSet: "r2026-05", gim: "100.0.112+3100", gsp: "100.0.100+1400", gca: "100.0.100+2300" },
  { releaseSet: "r2026-08", gim: "100.0.113+3400", gsp: "100.0.100+2600", gca: "100.0.100+2700" },
  { releaseSet: "r2026-11", gim: "100.0.115+3900", gsp: "100.0.100+3700", gca: "100.0.100+3200" },
  { releaseSet: "r2027-02", gim: "100.0.116+4200", gsp: "100.0.101+1200", gca: "100.0.101+1100" },
];

/** The charts of one release set with their versions. */
export function chartsOf(releaseSet: string): { chart: string; version: string }[] {
  const versions = chartVersions.find((candidate) => candidate.releaseSet === releaseSet);
  if (versions === undefined) return [];
  return [
    { chart: "gim", version: versions.gim },
    { chart: "gim-monitoring", version: versions.gim },
    { chart: "gsp", version: versions.gsp },
    { chart: "gca", version: versions.gca },
    { chart: "gca-monitoring", version: versions.gca },
  ];
}

/** Orders chart versions; the build number after `+` counts, unlike in semver. */
export function compareChartVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(/[.+]/).map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
