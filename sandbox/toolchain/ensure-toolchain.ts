import { existsSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CutoverError, messageOf } from "../../model/error.ts";
import { toolchainCache } from "./cache-folder.ts";
import { fetchDownload, reachable } from "./fetch-download.ts";
import { withFolderLock } from "./folder-lock.ts";
import { buildWithGo, goVersion } from "./go-build.ts";
import { isProgram, suitableOnPath } from "./on-path.ts";
import { atMostTwo } from "./two-at-once.ts";
import { describeOrigin, originFile, readOrigin, type Origin } from "./origin.ts";
import { cacheKey, sandboxTools, toolNames, toolOf, type Tool, type ToolName } from "./tools.ts";

/** The programs that were asked for. */
export interface Toolchain {
  /** Folders for PATH, in order. */
  folders: string[];
  /** Full path of a program; throws when it was not asked for. */
  binary(name: string): string;
  /** One line per tool: version and where it came from. */
  lines: string[];
}

interface FoundTool {
  programs: Map<string, string>;
  line: string;
}

/**
 * Gets the tools: a suitable version on PATH, else the official download, else a Go build; the last two are kept in the
 * user's cache. Two at a time, slowest first. Throws CUT-9000 when there is no way to get one, CUT-9001 when a build fails.
 */
export async function ensureToolchain(options: {
  say: (line: string) => void;
  tools?: readonly ToolName[];
}): Promise<Toolchain> {
  const wanted = new Set<ToolName>(options.tools ?? sandboxTools);
  const found = new Map<ToolName, FoundTool>();
  const inOrder = toolNames.filter((name) => wanted.has(name) && name !== "language-nodejs").sort(slowestFirst);
  await atMostTwo(inOrder, async (name) => {
    found.set(name, await ensureTool(toolOf(name), options.say));
  });
  if (wanted.has("language-nodejs")) found.set("language-nodejs", await languageHost(found.get("pulumi"), options.say));

  const programs = new Map([...found.values()].flatMap((tool) => [...tool.programs]));
  return {
    // What was found on PATH stays where PATH has it: its folder may hold other programs that must not come first.
    folders: [...new Set([...programs.values()].map((file) => path.dirname(file)))].filter(isOurs),
    lines: toolNames.flatMap((name) => found.get(name)?.line ?? []),
    binary: (name) => {
      const file = programs.get(name);
      if (file === undefined) throw new Error(`${name} is not part of the tools asked for`);
      return file;
    },
  };
}

function isOurs(folder: string): boolean {
  return folder.startsWith(toolchainCache());
}

function slowestFirst(a: ToolName, b: ToolName): number {
  const seconds = (name: ToolName): number => toolOf(name).binaries.reduce((sum, one) => sum + one.buildSeconds, 0);
  return seconds(b) - seconds(a);
}

/** Official Pulumi brings its own language host; only beside a Pulumi that we built one of our own is needed. */
async function languageHost(pulumi: FoundTool | undefined, say: (line: string) => void): Promise<FoundTool> {
  const tool = toolOf("language-nodejs");
  const name = "pulumi-language-nodejs";
  const beside = path.join(path.dirname(pulumi?.programs.get("pulumi") ?? ""), name);
  if (isProgram(beside)) return { programs: new Map([[name, beside]]), line: `${name}: came with pulumi` };
  return ensureTool(tool, say);
}

async function ensureTool(tool: Tool, say: (line: string) => void): Promise<FoundTool> {
  const onPath = await suitableOnPath(tool);
  if (onPath !== null) return { programs: onPath, line: `${tool.name}: found on PATH` };
  const folder = path.join(toolchainCache(), cacheKey(tool));
  const cached = await fromCache(tool, folder);
  if (cached !== null) return cached;
  return withFolderLock(`${folder}.lock`, cacheKey(tool), say, async () => {
    // Another process may have finished it while we waited.
    return (await fromCache(tool, folder)) ?? (await obtain(tool, folder, say));
  });
}

async function fromCache(tool: Tool, folder: string): Promise<FoundTool | null> {
  if (!tool.binaries.every((binary) => isProgram(path.join(folder, binary.name)))) return null;
  const programs = new Map(tool.binaries.map((binary) => [binary.name, path.join(folder, binary.name)]));
  return { programs, line: `${tool.name} ${tool.version}: ${describeOrigin(await readOrigin(folder))}` };
}

async function obtain(tool: Tool, folder: string, say: (line: string) => void): Promise<FoundTool> {
  const part = `${folder}.part`;
  const origin = (await download(tool, part, say)) ?? (await build(tool, part, say));
  await removeScratch(part);
  await writeFile(path.join(part, originFile), JSON.stringify(origin));
  await rename(part, folder);
  const found = await fromCache(tool, folder);
  if (found === null || !existsSync(folder)) throw new Error(`${folder} is incomplete`);
  return found;
}

/** Half-written files of builds that were killed. */
async function removeScratch(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(".")) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function download(tool: Tool, part: string, say: (line: string) => void): Promise<Origin | null> {
  const official = tool.download(process.platform, process.arch);
  if (official === null || !(await reachable(official.probe))) return null;
  try {
    say(`${tool.name} ${tool.version}: fetching the official release`);
    const extra = tool.name === "pulumi" ? ["pulumi-language-nodejs"] : [];
    const names = tool.binaries.map((binary) => binary.name);
    const placed = await fetchDownload(official, part, [...names, ...extra]);
    const missing = names.filter((name) => !placed.includes(name));
    if (missing.length > 0) throw new Error(`the release lacks ${missing.join(", ")}`);
    const checked = official.files.every((file) => file.checksumUrl !== undefined);
    return { how: "download", detail: checked ? "sha256 verified" : "no sha256 published" };
  } catch (error) {
    if (error instanceof CutoverError) throw error;
    say(`${tool.name} ${tool.version}: the official release could not be fetched (${messageOf(error)})`);
    return null;
  }
}

async function build(tool: Tool, part: string, say: (line: string) => void): Promise<Origin> {
  const version = await goVersion();
  if (version === null) {
    const official = tool.download(process.platform, process.arch);
    throw new CutoverError({
      code: "CUT-9000",
      verdict: "errored",
      happened: `${cacheKey(tool)} is missing and there is no way to get it`,
      evidence: [
        `not on PATH in a suitable version: ${tool.binaries.map((binary) => binary.name).join(", ")}`,
        official === null ? "no official release exists for this machine" : `out of reach: ${official.probe}`,
        "go is not on PATH, so it cannot be built either",
      ],
      next: "install Go (https://go.dev/dl), or make the address above reachable, then run the same command again",
    });
  }
  const moduleFolder = fileURLToPath(new URL(`go/${tool.name}/`, import.meta.url));
  await buildWithGo(moduleFolder, part, tool.binaries, tool.linkerFlags, say);
  return { how: "build", detail: `go ${version}` };
}
