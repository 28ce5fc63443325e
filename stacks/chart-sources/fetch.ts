import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { packChartFolder, UnusableChart } from "../../clients/chart-folder.ts";
import { fetchGitFolder, GitProblem } from "../../clients/git.ts";
import { OciProblem, pullChart } from "../../clients/oci.ts";
import { sha256 } from "../../model/ledger.ts";
import type { ChartSource } from "../../model/release-set.ts";
import { chartError, noChart, subjectText, wrongDigest, wrongVersion, type ChartSubject } from "./errors.ts";
import { sourceText } from "./place.ts";
import { storeArchive } from "./store.ts";

/** A source that has to be fetched. */
export type RemoteSource = Extract<ChartSource, { git: unknown } | { oci: unknown }>;

// A whole repository over a slow line; the maintenance window is not the time for it, the cache is.
const timeoutMilliseconds = 180_000;

/**
 * Fetches a chart, checks it and puts it into the cache at `file` (relative to `root`). Throws CUT-2060 (unreachable), CUT-2043 (other
 * bytes), CUT-2061 (other version) and CUT-2062 (no such commit, folder or chart).
 */
export async function fetchChart(
  root: string,
  file: string,
  source: RemoteSource,
  subject: ChartSubject,
): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), "cutover-chart-"));
  try {
    const archive = await archiveOf(source, subject, scratch);
    const found = sha256(archive);
    if (found !== source.sha256) throw wrongDigest(subject, sourceText(source), source.sha256, found);
    storeArchive(root, file, archive);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function archiveOf(source: RemoteSource, subject: ChartSubject, scratch: string): Promise<Buffer> {
  const where = sourceText(source);
  try {
    if ("oci" in source)
      return await readFile(await pullChart(source.oci, source.version, scratch, timeoutMilliseconds));
    const chart = packChartFolder(await fetchGitFolder(source.git, scratch, timeoutMilliseconds));
    // Of an archive that comes packed the digest says it all.
    if (chart.version !== source.version) throw wrongVersion(subject, where, source.version, chart.version);
    return chart.archive;
  } catch (error) {
    if (error instanceof UnusableChart) throw noChart(subject, where, error.message);
    if (error instanceof GitProblem && error.kind === "missing")
      throw noChart(subject, where, error.message, error.evidence);
    if (error instanceof GitProblem || error instanceof OciProblem) {
      throw chartError(
        "CUT-2060",
        "errored",
        `${subjectText(subject)} could not be fetched: ${error.message}`,
        [`chart: ${where}`, ...error.evidence],
        "make the repository reachable from here, or put the archive into the cache from a machine that reaches it: .cutover/charts",
        error,
      );
    }
    throw error;
  }
}
