import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readHelmIgnore } from "../model/helm-ignore.ts";
import { packArchive, type ArchiveFile } from "./chart-archive.ts";

/** A chart's folder as an archive. */
export interface PackedChart {
  name: string;
  version: string;
  archive: Buffer;
}

/** Why a folder is no chart that can be packed; one sentence, the caller knows where it is. */
export class UnusableChart extends Error {}

/**
 * Packs a chart's folder: always the same bytes for the same tree. `.helmignore` counts as it does for Helm, `.git` never goes along.
 * Throws UnusableChart when there is no Chart.yaml with name and version, or when something in it is no ordinary file.
 */
export function packChartFolder(folder: string): PackedChart {
  const about = chartAbout(folder);
  const ignored = readHelmIgnore(readOrEmpty(join(folder, ".helmignore")));
  const files: ArchiveFile[] = [];
  const visit = (relative: string): void => {
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.name === ".git" || ignored(path, entry.isDirectory())) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) files.push({ path: `${about.name}/${path}`, content: readFileSync(join(folder, path)) });
      else throw new UnusableChart(`${path} is neither a file nor a folder (a link?); a chart is packed without links`);
    }
  };
  visit("");
  return { ...about, archive: packArchive(files) };
}

function chartAbout(folder: string): { name: string; version: string } {
  const text = readOrEmpty(join(folder, "Chart.yaml"));
  if (text === "") throw new UnusableChart("it has no Chart.yaml");
  let about: { name?: unknown; version?: unknown } | null;
  try {
    about = parse(text) as typeof about;
  } catch {
    throw new UnusableChart("its Chart.yaml is not YAML");
  }
  const { name, version } = about ?? {};
  if (typeof name !== "string" || !/^[A-Za-z0-9._-]+$/.test(name))
    throw new UnusableChart("its Chart.yaml has no name");
  if (typeof version !== "string") throw new UnusableChart("its Chart.yaml has no version (a text)");
  return { name, version };
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
