import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** What preflight wants to know of the pulumi process that started it. */
export interface PulumiSettings {
  /** Backend that holds the state; null when nothing names one. */
  backend: string | null;
  /** True when PULUMI_SKIP_CHECKPOINTS is on. */
  skipsCheckpoints: boolean;
}

/** Finds the backend as Pulumi does: environment, then Pulumi.yaml, then the last login. */
export async function readPulumiSettings(root: string): Promise<PulumiSettings> {
  const environment = await firstEnvironment();
  const skips = environment.get("PULUMI_SKIP_CHECKPOINTS") ?? "";
  return {
    backend: environment.get("PULUMI_BACKEND_URL") || (await projectBackend(root)) || (await loginBackend(environment)),
    skipsCheckpoints: ["1", "true", "yes"].includes(skips.toLowerCase()),
  };
}

// A step drops PULUMI_* from its own environment, so that no child gets the passphrase; Linux still shows what it began with.
async function firstEnvironment(): Promise<Map<string, string>> {
  const text = await readFile("/proc/self/environ", "utf8").catch(() => "");
  const begun = text
    .split("\0")
    .map((line): [string, string] => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]);
  const names = ["PULUMI_BACKEND_URL", "PULUMI_SKIP_CHECKPOINTS", "PULUMI_HOME"];
  return new Map(begun.filter(([name]) => names.includes(name)));
}

async function projectBackend(root: string): Promise<string | null> {
  const text = await readFile(join(root, "Pulumi.yaml"), "utf8").catch(() => "");
  if (!/^backend:/m.test(text)) return null;
  const { parse } = (await import("yaml")).default;
  const project = parse(text) as { backend?: { url?: unknown } } | null;
  return typeof project?.backend?.url === "string" ? project.backend.url : null;
}

async function loginBackend(environment: ReadonlyMap<string, string>): Promise<string | null> {
  const home = environment.get("PULUMI_HOME") ?? join(homedir(), ".pulumi");
  const text = await readFile(join(home, "credentials.json"), "utf8").catch(() => "{}");
  try {
    const { current } = JSON.parse(text) as { current?: unknown };
    return typeof current === "string" && current !== "" ? current : null;
  } catch {
    return null;
  }
}
