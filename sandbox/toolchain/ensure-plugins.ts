import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CutoverError } from "../../model/error.ts";
import { lastLines, runCommand } from "../process/run.ts";
import { toolchainCache } from "./cache-folder.ts";
import { reachable } from "./fetch-download.ts";
import { withFolderLock } from "./folder-lock.ts";
import { buildWithGo, goVersion } from "./go-build.ts";
import { findOnPath, isProgram } from "./on-path.ts";
import { digestOfGoSources } from "./source-digest.ts";

/** Pulumi's resource plugins as npm's packages want them (package.json). */
const plugins = [
  { name: "kubernetes", version: "4.32.0" },
  { name: "command", version: "1.2.1" },
] as const;
type Plugin = (typeof plugins)[number];

/** Where the plugins are. */
export interface Plugins {
  /** Folders for PATH; empty when the user's PATH has them. */
  folders: string[];
  /** One line per plugin: official with its version, or STAND-IN with the reason. */
  lines: string[];
  /** True when any of them is a stand-in. */
  standIns: boolean;
}

const programOf = (plugin: Plugin): string => `pulumi-resource-${plugin.name}`;

/**
 * Finds the official plugins: on PATH, in the user's Pulumi home, in our cache, or by `pulumi plugin install` where the
 * download can be reached. Only then the stand-ins of sandbox/plugins are built. Throws CUT-9010 when neither can be had.
 */
export async function ensurePlugins(options: { pulumi: string; say: (line: string) => void }): Promise<Plugins> {
  const folders: string[] = [];
  const lines: string[] = [];
  const missing: Plugin[] = [];
  for (const plugin of plugins) {
    const official = await officialPlugin(plugin, options);
    if (official === null) missing.push(plugin);
    else {
      lines.push(`${programOf(plugin)}: ${official.line}`);
      if (official.folder !== null) folders.push(official.folder);
    }
  }
  if (missing.length > 0) {
    const { folder, reason } = await buildStandIns(missing, options.say);
    folders.push(folder);
    for (const plugin of missing) lines.push(`${programOf(plugin)}: STAND-IN (${reason})`);
  }
  return { folders, lines, standIns: missing.length > 0 };
}

async function officialPlugin(
  plugin: Plugin,
  { pulumi, say }: { pulumi: string; say: (line: string) => void },
): Promise<{ folder: string | null; line: string } | null> {
  if (findOnPath(programOf(plugin)) !== null) return { folder: null, line: "found on PATH" };
  const home = process.env["PULUMI_HOME"] ?? path.join(homedir(), ".pulumi");
  const ownHome = path.join(toolchainCache(), "pulumi-home");
  const line = `official ${plugin.version}`;
  const inHome = (folder: string): string => path.join(folder, "plugins", `resource-${plugin.name}-v${plugin.version}`);
  for (const candidate of [inHome(home), inHome(ownHome)]) {
    if (isProgram(path.join(candidate, programOf(plugin)))) return { folder: candidate, line };
  }
  if (!(await reachable("https://get.pulumi.com"))) return null;
  say(`${programOf(plugin)}: fetching the official plugin ${plugin.version}`);
  const result = await runCommand(pulumi, ["plugin", "install", "resource", plugin.name, plugin.version], {
    environment: { ...process.env, PULUMI_HOME: ownHome, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMilliseconds: 300_000,
  });
  if (result.exitCode === 0 && isProgram(path.join(inHome(ownHome), programOf(plugin))))
    return { folder: inHome(ownHome), line };
  say(`${programOf(plugin)}: could not be fetched (${lastLines(result.stderr, 1).join("")})`);
  return null;
}

async function buildStandIns(
  missing: readonly Plugin[],
  say: (line: string) => void,
): Promise<{ folder: string; reason: string }> {
  const sources = fileURLToPath(new URL("../plugins/go/", import.meta.url));
  const reason = "the official download cannot be reached and none is on PATH";
  const digest = (await digestOfGoSources(sources)).slice(0, 16);
  const folder = path.join(toolchainCache(), `plugins-${digest}`);
  // Both are always built, so that the folder is the same whichever is missing.
  const binaries = plugins.map((plugin) => ({
    name: programOf(plugin),
    package: `./cmd/${programOf(plugin)}`,
    buildSeconds: plugin.name === "kubernetes" ? 60 : 30,
  }));
  if (existsSync(folder)) return { folder, reason };
  if ((await goVersion()) === null) {
    throw new CutoverError({
      code: "CUT-9010",
      verdict: "errored",
      happened: `${missing.map(programOf).join(" and ")} is missing and there is no way to get it`,
      evidence: [
        "not on PATH, not in Pulumi's home",
        "out of reach: https://get.pulumi.com",
        "go is not on PATH, so the stand-in cannot be built either",
      ],
      next: "install the plugins with `pulumi plugin install`, or install Go, then run the same command again",
    });
  }
  await withFolderLock(`${folder}.lock`, "stand-in plugins", say, async () => {
    if (existsSync(folder)) return;
    await buildWithGo(sources, `${folder}.part`, binaries, "", say);
    await rename(`${folder}.part`, folder);
  });
  return { folder, reason };
}
