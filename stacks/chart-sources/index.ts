import { CutoverError } from "../../model/error.ts";
import type { LoadedReleaseSet } from "../release-sets.ts";
import { chartPlace } from "./place.ts";
import { isStored } from "./store.ts";

/** A role of a release set whose chart is wanted. */
export interface WantedChart {
  loaded: LoadedReleaseSet;
  role: string;
}

/** What became of the fetching: the error per release set and role, for those that could not be had. */
export interface FetchedCharts {
  problem(releaseSet: string, role: string): CutoverError | null;
}

/** Nothing was to be fetched. */
export const nothingFetched: FetchedCharts = { problem: () => null };

/**
 * Makes sure that these charts lie in the cache; what is there with the right digest is never fetched again, so that a filled cache works
 * without a network. Never rejects for a chart: whoever needs it asks for its problem.
 */
export async function fetchCharts(root: string, wanted: readonly WantedChart[]): Promise<FetchedCharts> {
  const problems = new Map<string, CutoverError>();
  const begun = new Map<string, Promise<void>>();
  await Promise.all(
    wanted.map(async ({ loaded, role }) => {
      const source = loaded.set.roles[role]?.chart;
      // Archives and folders of the release set were checked when it was loaded.
      if (source === undefined || "path" in source) return;
      const { path: file, sha256 } = chartPlace(loaded.folder, source);
      if (isStored(root, file, sha256)) return;
      const subject = { role, releaseSet: loaded.name };
      // Two roles of one chart are one fetch.
      const fetching =
        begun.get(file) ?? import("./fetch.ts").then((one) => one.fetchChart(root, file, source, subject));
      begun.set(file, fetching);
      try {
        await fetching;
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error;
        problems.set(`${loaded.name} ${role}`, error);
      }
    }),
  );
  return { problem: (releaseSet, role) => problems.get(`${releaseSet} ${role}`) ?? null };
}
