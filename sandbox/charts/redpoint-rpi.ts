// Makes the archives of the stand-in chart redpoint-rpi. Run: node sandbox/charts/redpoint-rpi.ts <7.6|7.7> <folder>
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../../model/ledger.ts";
import { gunzip, gzip, tar, type ArchiveFile } from "./archive.ts";

const sources = join(dirname(fileURLToPath(import.meta.url)), "redpoint-rpi");

/** Generations of the vendor's chart (facts/domain.md A1). The chart's version is constant in each: the image tag is the build. */
export const redpointGenerations = ["7.6", "7.7"] as const;
export type RedpointGeneration = (typeof redpointGenerations)[number];

/** A build of each generation that the vendor has tagged. */
export const redpointImageTags: Readonly<Record<RedpointGeneration, string>> = {
  "7.6": "7.6.20250722.1216",
  "7.7": "7.7.20260630.1153",
};

/** As in Chart.yaml. */
export function redpointChartVersion(generation: RedpointGeneration): string {
  return `${generation}.0`;
}

/** The chart's files, below `redpoint-rpi/`. */
export function redpointChartFiles(generation: RedpointGeneration): ArchiveFile[] {
  const folder = join(sources, generation);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => ({
      path: `redpoint-rpi/${relative(folder, join(folder, path)).split(sep).join("/")}`,
      content: readFileSync(join(folder, path)),
    }));
}

/** An archive that was written or was there already. */
export interface PackagedChart {
  file: string;
  version: string;
  /** Hex sha256 of the archive's bytes, for `chart.sha256` in release.yaml. */
  sha256: string;
  written: boolean;
}

/** Writes `<folder>/redpoint-rpi-<version>.tgz`; an archive with equal content is left alone, since zlib builds differ in bytes. */
export function packageRedpointChart(generation: RedpointGeneration, folder: string): PackagedChart {
  const version = redpointChartVersion(generation);
  const file = join(folder, `redpoint-rpi-${version}.tgz`);
  const content = tar(redpointChartFiles(generation));
  const same = existsSync(file) && gunzip(readFileSync(file)).equals(content);
  if (!same) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, gzip(content));
  }
  return { file, version, sha256: sha256(readFileSync(file)), written: !same };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , wanted, folder] = process.argv;
  const generation = redpointGenerations.find((candidate) => candidate === wanted);
  if (generation === undefined || folder === undefined) {
    console.error(`usage: node sandbox/charts/redpoint-rpi.ts <${redpointGenerations.join("|")}> <folder>`);
    process.exitCode = 2;
  } else {
    const packaged = packageRedpointChart(generation, folder);
    console.log(`${packaged.file}  sha256: "${packaged.sha256}"  ${packaged.written ? "written" : "unchanged"}`);
  }
}
