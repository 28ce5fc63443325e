import { existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { runCommand } from "../sandbox/process/run.ts";
import { ensurePlugins } from "../sandbox/toolchain/ensure-plugins.ts";
import { ensureToolchain } from "../sandbox/toolchain/ensure-toolchain.ts";
import { findOnPath } from "../sandbox/toolchain/on-path.ts";

/**
 * What the tests on the real engine and cluster find in their environment: the toolchain on PATH, CUTOVER_PLUGINS naming
 * the folder of the two Pulumi plugins, and pgBackRest (installed by apt-get where this process may do that).
 */
export async function prepareEnvironment(say: (line: string) => void): Promise<Record<string, string>> {
  const toolchain = await ensureToolchain({ say });
  const plugins = await ensurePlugins({ pulumi: toolchain.binary("pulumi"), say });
  for (const line of [...toolchain.lines, ...plugins.lines]) say(line);
  await ensurePgBackRest(say);
  const path = [...toolchain.folders, ...plugins.folders, process.env["PATH"] ?? ""].join(delimiter);
  return { PATH: path, CUTOVER_PLUGINS: inOneFolder(path) };
}

/** The official plugins are in a folder each. */
function inOneFolder(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), "cutover-plugins-"));
  for (const name of ["pulumi-resource-kubernetes", "pulumi-resource-command"]) {
    const program = path
      .split(delimiter)
      .map((entry) => join(entry, name))
      .find((file) => existsSync(file));
    if (program !== undefined) symlinkSync(program, join(folder, name));
  }
  return folder;
}

async function ensurePgBackRest(say: (line: string) => void): Promise<void> {
  if (findOnPath("pgbackrest") !== null) return;
  say("pgBackRest is missing: installing the distribution's package with apt-get");
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { environment, timeoutMilliseconds: 300_000 };
  await runCommand("apt-get", ["update", "-q"], options);
  const result = await runCommand("apt-get", ["install", "-q", "-y", "--no-install-recommends", "pgbackrest"], options);
  if (result.exitCode !== 0)
    say(`pgBackRest could not be installed; its tests will fail: ${result.stderr.trim().slice(-200)}`);
}
