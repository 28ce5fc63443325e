import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { runProcess } from "./process.ts";

/** Why a chart could not be pulled. */
export class OciProblem extends Error {
  readonly evidence: string[];
  constructor(message: string, evidence: string[]) {
    super(message);
    this.evidence = evidence;
  }
}

/**
 * Pulls a chart from an OCI registry by the helm CLI into `scratch`, an empty folder; returns the archive's path. Who may read is known
 * from `helm registry login` or Docker's configuration. A registry on this machine is asked by plain HTTP. Throws OciProblem, and
 * CUT-4401 without helm.
 */
export async function pullChart(
  reference: string,
  version: string,
  scratch: string,
  timeoutMilliseconds: number,
): Promise<string> {
  const plain = /^oci:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(reference) ? ["--plain-http"] : [];
  const argv = ["helm", "pull", reference, "--version", version, "--destination", scratch, ...plain];
  const result = await runProcess(argv, { timeoutMilliseconds, environment: registryEnvironment() });
  if (result.exitCode !== 0) {
    const lines = result.stderr.split("\n").filter((line) => line.trim() !== "");
    throw new OciProblem(result.timedOut ? "helm pull did not end in time" : "helm pull failed", lines.slice(0, 8));
  }
  const archive = (await readdir(scratch)).find((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new OciProblem("helm pull brought no archive", []);
  return join(scratch, archive);
}

function registryEnvironment(): Record<string, string> {
  const names = ["HELM_REGISTRY_CONFIG", "HELM_CONFIG_HOME", "DOCKER_CONFIG"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
