import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CutoverError } from "../model/error.ts";
import { canonicalJson, sha256 } from "../model/ledger.ts";
import type { Json } from "../model/service.ts";
import { runProcess } from "./process.ts";

export interface RenderInput {
  release: string;
  namespace: string;
  /** Archive (`.tgz`); relative to the project folder. */
  chartPath: string;
  values: { [key: string]: Json };
  /** The values hold secrets: the result is kept nowhere. */
  secret?: boolean;
}

/**
 * Renders a chart archive by the helm CLI, without cluster and without repositories. Results are kept by content in `cacheFolder`,
 * but for those with secrets in them.
 * @param kubeVersion version the chart is rendered for, such as `1.34.4`; null: Helm's own default.
 * @throws CutoverError CUT-4102 when the chart can't be read, CUT-4103 with Helm's schema or template error.
 */
export async function renderChart(
  input: RenderInput,
  kubeVersion: string | null,
  cacheFolder: string,
): Promise<string> {
  const { release, namespace, chartPath, values, secret } = input;
  const chart = await readFile(chartPath).catch((cause: unknown) => {
    throw noChart(chartPath, cause);
  });
  if (secret === true) return renderByHelm(input, kubeVersion);
  const key = sha256(canonicalJson({ chart: sha256(chart), release, namespace, values, kubeVersion }));
  const cached = join(cacheFolder, `${key}.yaml`);
  try {
    return await readFile(cached, "utf8");
  } catch {
    // Not rendered before.
  }
  const rendered = await renderByHelm(input, kubeVersion);
  await mkdir(cacheFolder, { recursive: true });
  // Two steps may render the same chart at once: the rename makes each result whole.
  const temporary = `${cached}.${process.pid}`;
  await writeFile(temporary, rendered, { mode: 0o600 });
  await rename(temporary, cached);
  return rendered;
}

async function renderByHelm(input: RenderInput, kubeVersion: string | null): Promise<string> {
  const { release, namespace, chartPath, values } = input;
  // Empty folders: neither the user's repositories nor plugins may change what is rendered.
  const home = await mkdtemp(join(tmpdir(), "cutover-helm-"));
  try {
    const version = kubeVersion === null ? [] : ["--kube-version", kubeVersion];
    const result = await runProcess(["helm", "template", release, chartPath, "-n", namespace, "-f", "-", ...version], {
      input: JSON.stringify(values),
      environment: {
        HELM_CACHE_HOME: join(home, "cache"),
        HELM_CONFIG_HOME: join(home, "config"),
        HELM_DATA_HOME: join(home, "data"),
        KUBECONFIG: join(home, "none"),
      },
      timeoutMilliseconds: 60_000,
      maxOutputBytes: 64 * 1024 * 1024,
    });
    if (result.exitCode === 0) return result.stdout;
    throw notRendered(input, result.timedOut ? ["no end within 60 s"] : meaningful(result.stderr));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function meaningful(stderr: string): string[] {
  return stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("Use --debug flag"))
    .slice(0, 20);
}

function notRendered(input: RenderInput, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-4103",
    verdict: "failed",
    happened: `The chart ${input.chartPath} of ${input.release} does not render with its values.`,
    evidence,
    untouched: "Nothing in the cluster was touched.",
    next: "Correct the values named above in the release set or the stack's values.",
  });
}

function noChart(path: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-4102",
      verdict: "failed",
      happened: `The chart ${path} cannot be read.`,
      untouched: "Nothing in the cluster was touched.",
      next: "Put the chart archive there, or correct chart.path in the release set.",
    },
    { cause },
  );
}
