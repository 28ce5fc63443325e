import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { packChartFolder, UnusableChart } from "../clients/chart-folder.ts";
import { sha256 } from "../model/ledger.ts";
import type { ChartSource, ReleaseSet } from "../model/release-set.ts";
import {
  chartError,
  noChart,
  subjectText,
  wrongDigest,
  wrongVersion,
  type ChartSubject,
} from "./chart-sources/errors.ts";
import { chartPlace, isArchive } from "./chart-sources/place.ts";
import { isStored, storeArchive } from "./chart-sources/store.ts";

/**
 * Checks that every chart that is part of a release set is there and is the one it was; folders are packed into the cache. What has to be
 * fetched is not looked at: old release sets stay readable without a network. Throws CUT-2042, CUT-2043, CUT-2061 and CUT-2062.
 */
export function checkCharts(root: string, folder: string, set: ReleaseSet): void {
  for (const [role, { chart }] of Object.entries(set.roles)) {
    if (!("path" in chart)) continue;
    const subject = { role, releaseSet: set.name };
    const file = `${folder}/${chart.path}`;
    if (!existsSync(path.join(root, file))) throw missing(subject, file, chart);
    if (isArchive(chart)) {
      const found = sha256(readFileSync(path.join(root, file)));
      if (found !== chart.sha256) throw wrongDigest(subject, file, chart.sha256, found);
    } else {
      packFolder(root, folder, chart, subject);
    }
  }
}

// Packed each time, since only so a changed folder is seen; written once.
function packFolder(
  root: string,
  folder: string,
  chart: Extract<ChartSource, { path: string }>,
  subject: ChartSubject,
): void {
  const file = `${folder}/${chart.path}`;
  const packed = packOrThrow(path.join(root, file), subject, file);
  if (packed.version !== chart.version) throw wrongVersion(subject, file, chart.version, packed.version);
  const found = sha256(packed.archive);
  if (found !== chart.sha256) throw wrongDigest(subject, file, chart.sha256, found);
  const place = chartPlace(folder, chart).path;
  if (!isStored(root, place, found)) storeArchive(root, place, packed.archive);
}

function packOrThrow(folder: string, subject: ChartSubject, file: string): ReturnType<typeof packChartFolder> {
  try {
    return packChartFolder(folder);
  } catch (error) {
    throw error instanceof UnusableChart ? noChart(subject, file, error.message) : error;
  }
}

function missing(subject: ChartSubject, file: string, chart: ChartSource): Error {
  return chartError(
    "CUT-2042",
    "failed",
    `${subjectText(subject)} is missing`,
    [`wanted: ${file} (version ${chart.version}, sha256 ${chart.sha256})`],
    "put the chart archive there",
  );
}
