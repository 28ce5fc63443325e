// Makes the chart archives of all release sets and writes their sha256 into release.yaml.
// Run: node sandbox/charts/package.ts
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../model/ledger.ts";
import { gunzip, gzip, tar, type ArchiveFile } from "./archive.ts";
import { chartsOf, chartVersions, compareChartVersions } from "./versions.ts";

const sources = dirname(fileURLToPath(import.meta.url));
/** The folder of Info Mart's release sets. */
export const releasesFolder = join(sources, "../../stacks/infomart/releases");

/** The files of one version of a stand-in chart: the oldest form plus all changes up to that version. */
export function chartFiles(chart: string, version: string): ArchiveFile[] {
  const files = new Map<string, Buffer>();
  const base = join(sources, chart);
  for (const path of filesBelow(base)) if (!path.startsWith("changes/")) files.set(path, readFileSync(join(base, path)));
  const changes = existsSync(join(base, "changes")) ? readdirSync(join(base, "changes")) : [];
  for (const change of changes.sort(compareChartVersions)) {
    if (compareChartVersions(change, version) > 0) continue;
    const folder = join(base, "changes", change);
    for (const path of filesBelow(folder)) files.set(path, readFileSync(join(folder, path)));
  }
  const about = String(files.get("Chart.yaml"))
    .replace("\nversion: 0.0.0", `\nversion: ${version}`)
    .replace("\nappVersion: 0.0.0", `\nappVersion: ${version.replace("+", ".")}`);
  files.set("Chart.yaml", Buffer.from(about));
  return [...files].map(([path, content]) => ({ path: `${chart}/${path}`, content }));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => relative(folder, join(folder, path)).split(sep).join("/"));
}

/** Where the archive of a chart lies, relative to the release set's folder. */
export function archivePath(chart: string, version: string): string {
  return `charts/${chart}-${version}.tgz`;
}

/** Writes the archives of one release set that are missing or have other content; returns their paths. */
export function packageReleaseSet(releaseSet: string): string[] {
  const written: string[] = [];
  const folder = join(releasesFolder, releaseSet);
  for (const { chart, version } of chartsOf(releaseSet)) {
    const archive = join(folder, archivePath(chart, version));
    const content = tar(chartFiles(chart, version));
    if (!existsSync(archive) || !gunzip(readFileSync(archive)).equals(content)) {
      mkdirSync(dirname(archive), { recursive: true });
      writeFileSync(archive, gzip(content));
      written.push(archive);
    }
    recordDigest(join(folder, "release.yaml"), archivePath(chart, version), sha256(readFileSync(archive)));
  }
  return written;
}

// By text, so that the file keeps its comments and its layout.
function recordDigest(releaseFile: string, path: string, digest: string): void {
  if (!existsSync(releaseFile)) return;
  const text = readFileSync(releaseFile, "utf8");
  const start = text.indexOf(`path: ${path}\n`);
  if (start < 0) throw new Error(`${releaseFile} does not name ${path}`);
  const changed = text.slice(0, start) + text.slice(start).replace(/sha256: "?[0-9a-f]*"?/, `sha256: "${digest}"`);
  if (changed !== text) writeFileSync(releaseFile, changed);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { releaseSet } of chartVersions) {
    const written = packageReleaseSet(releaseSet);
    console.log(`${releaseSet}: ${written.length === 0 ? "unchanged" : `${written.length} archives written`}`);
  }
}
