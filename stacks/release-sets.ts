import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { CutoverError } from "../model/error.ts";
import type { JsonObject } from "../model/layering.ts";
import { canonicalJson, sha256 } from "../model/ledger.ts";
import { releaseIndexSchema, releaseSetSchema, type ReleaseSet } from "../model/release-set.ts";
import { didYouMean } from "../model/suggestion.ts";
import { checkCharts } from "./charts.ts";
import { checkReleaseSet } from "./release-set-rules.ts";
import { readValues } from "./value-layers.ts";
import { problemsError, readYamlFile, validateYaml } from "./yaml-file.ts";

/** A release set as it lies on disk, checked. */
export interface LoadedReleaseSet {
  name: string;
  /** Relative to the project folder, with forward slashes. */
  folder: string;
  set: ReleaseSet;
  /** Helm values per role that the set itself brings. */
  values: ReadonlyMap<string, JsonObject>;
}

/** The release sets of one platform. */
export interface ReleaseSets {
  /** All names, oldest first (`releases/index.yaml`). */
  order: readonly string[];
  /** Throws CUT-2040 (unknown), CUT-2041 (release.yaml), CUT-2042 (chart missing), CUT-2043 (digest), CUT-2044 (values). */
  load(name: string): LoadedReleaseSet;
  /** Sha256 over every file of the set's folder: what promotion compares. */
  hash(name: string): string;
}

/** Opens a platform's release sets; each set is read and checked once, when it is asked for. */
export function openReleaseSets(root: string, platform: string): ReleaseSets {
  const releases = `stacks/${platform}/releases`;
  const order = readOrder(root, releases);
  const loaded = new Map<string, LoadedReleaseSet>();
  return {
    order,
    load(name) {
      const found = loaded.get(name) ?? loadReleaseSet(root, releases, name, order);
      loaded.set(name, found);
      return found;
    },
    hash: (name) => hashFolder(path.join(root, releases, name)),
  };
}

function readOrder(root: string, releases: string): string[] {
  const index = readYamlFile(root, `${releases}/index.yaml`);
  if (index === null) {
    throw unusable("CUT-2041", `${releases}/index.yaml does not exist`, "list the release sets in it, oldest first");
  }
  return validateYaml(index, releaseIndexSchema, index.data, "CUT-2041").releases;
}

function loadReleaseSet(root: string, releases: string, name: string, order: readonly string[]): LoadedReleaseSet {
  const source = order.includes(name) ? readYamlFile(root, `${releases}/${name}/release.yaml`) : null;
  if (source === null) throw unknownReleaseSet(releases, name, order);
  const set = validateYaml(source, releaseSetSchema, source.data, "CUT-2041");
  const problems = checkReleaseSet(set, name);
  if (problems.length > 0) throw problemsError(source, "CUT-2041", problems);
  const folder = `${releases}/${name}`;
  checkCharts(root, folder, set);
  const values = Object.entries(set.roles).flatMap(([role, release]) =>
    release.values === undefined ? [] : [[role, readValues(root, `${folder}/${release.values}`, true)] as const],
  );
  return { name, folder, set, values: new Map(values) };
}

function hashFolder(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const digests = files.map((file) => [
    path.relative(folder, file).split(path.sep).join("/"),
    sha256(readFileSync(file)),
  ]);
  return sha256(canonicalJson(Object.fromEntries(digests)));
}

function unknownReleaseSet(releases: string, name: string, order: readonly string[]): CutoverError {
  const listed = order.includes(name);
  return unusable(
    "CUT-2040",
    listed
      ? `release set ${name} is listed in ${releases}/index.yaml but has no ${releases}/${name}/release.yaml`
      : `release set ${name} is unknown${didYouMean(name, order)}`,
    listed
      ? "add the folder, or take the name off the list"
      : "name one of these, or add the set and its line in index.yaml",
    [`known release sets, oldest first: ${order.join(", ")}`],
  );
}

function unusable(code: `CUT-${number}`, happened: string, next: string, evidence: string[] = []): CutoverError {
  return new CutoverError({
    code,
    verdict: "errored",
    happened,
    evidence,
    untouched: "nothing was touched",
    next,
    exitCode: 2,
  });
}
