import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import type { ResolvedService } from "../../model/service.ts";
import { runCommand } from "../../sandbox/process/run.ts";
import type { World } from "./world.ts";

/** One command of the plain script. */
export interface HelmCommand {
  service: string;
  args: string[];
}

/**
 * The script that people write: `helm upgrade --install --wait --timeout 15m` for one service after the other, over the very
 * charts and values that the program resolved. Values are written beforehand: a person has them as files.
 */
export async function helmScriptOf(world: World, services: readonly ResolvedService[]): Promise<HelmCommand[]> {
  const { directory } = world.workspace;
  const folder = path.join(directory, "helm-script");
  await mkdir(folder, { recursive: true });
  return Promise.all(
    services.map(async ({ name, helmRelease, namespace, chart, values }) => {
      const file = path.join(folder, `${name}-${chart.version}.yaml`);
      await writeFile(file, stringify(values));
      const what = ["upgrade", "--install", helmRelease, path.join(directory, chart.path)];
      const how = ["--namespace", namespace, "--values", file, "--wait", "--timeout", "15m"];
      return { service: name, args: [...what, ...how] };
    }),
  );
}

/** Runs the commands in their order and returns the milliseconds they took together. Rejects when one fails. */
export async function runHelmScript(world: World, commands: readonly HelmCommand[]): Promise<number> {
  const start = performance.now();
  for (const { service, args } of commands) {
    const result = await runCommand("helm", args, { environment: world.workspace.environment });
    if (result.exitCode !== 0) throw new Error(`helm upgrade of ${service} failed: ${result.stderr}`);
  }
  return performance.now() - start;
}
