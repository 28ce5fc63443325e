import { CutoverError } from "../model/error.ts";
import type { Prometheus, Sample, Series } from "./contracts.ts";
import { httpRequest, publicAddress, type HttpAnswer } from "./http.ts";
import { parseAnswer, type QueryData } from "./prometheus-answer.ts";

export interface PrometheusOptions {
  /** For each request; default 5000. */
  timeoutMilliseconds?: number;
  signal?: AbortSignal;
}

/**
 * A Prometheus (or compatible) server at its base address. `CUTOVER_PROMETHEUS_TOKEN` in the environment is sent as bearer token.
 * @throws CutoverError CUT-4301 when it cannot be reached or is not ready, CUT-4302 when it refuses the query, CUT-4303 for an answer that is not understood.
 */
export function createPrometheus(baseUrl: string, options: PrometheusOptions = {}): Prometheus {
  const base = baseUrl.replace(/\/+$/, "");
  const token = process.env["CUTOVER_PROMETHEUS_TOKEN"];
  const headers = token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, form?: Record<string, string>): Promise<HttpAnswer> => {
    // POST: label matchers can make a query longer than a proxy lets a URL be.
    const body =
      form === undefined
        ? { headers }
        : {
            method: "POST" as const,
            body: new URLSearchParams(form).toString(),
            headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
          };
    const limits = { timeoutMilliseconds: options.timeoutMilliseconds ?? 5_000, maxBodyBytes: 64 * 1024 * 1024 };
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    try {
      return await httpRequest(base + path, { ...body, ...limits, ...signal });
    } catch (error) {
      throw error instanceof CutoverError ? notReady(base, error.details.evidence ?? [], error) : error;
    }
  };
  const evaluate = async (query: string): Promise<QueryData> => {
    const answer = await ask("/api/v1/query", { query });
    if (answer.status === 503) throw notReady(base, [`503 ${answer.body.slice(0, 200)}`]);
    return parseAnswer(answer, query, publicAddress(base));
  };
  return {
    async query(query): Promise<Sample[]> {
      const data = await evaluate(query);
      if (data.kind === "series") throw notUnderstood(query, "a range of samples, not one per series");
      if (data.kind === "scalar" || data.samples.length === 0) return data.samples;
      return withScrapeTimes(data.samples, (await evaluate(`timestamp(${query}\n)`)).samples);
    },
    async window(selector, windowSeconds): Promise<Series[]> {
      const data = await evaluate(`${selector}[${Math.max(1, Math.ceil(windowSeconds * 1000))}ms]`);
      if (data.kind !== "series") throw notUnderstood(selector, "not a range of samples");
      return data.series;
    },
    async ready() {
      const answer = await ask("/-/ready");
      if (answer.status === 200) return;
      // Compatible servers (Thanos, Mimir, managed ones) have no such path, but answer queries.
      if (answer.status === 404) await evaluate("time()");
      else throw notReady(base, [`/-/ready answered ${answer.status}: ${answer.body.trim().slice(0, 200)}`]);
    },
  };
}

/** Puts the scrape time into each sample; `timestamp()` drops the metric's name, and a series may have appeared between the two queries. */
function withScrapeTimes(samples: readonly Sample[], stamps: readonly Sample[]): Sample[] {
  const times = new Map(stamps.map((stamp) => [keyOf(stamp.labels), stamp.value]));
  return samples.map((sample) => ({ ...sample, time: times.get(keyOf(sample.labels)) ?? sample.time }));
}

function keyOf(labels: Record<string, string>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== "__name__")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function notReady(base: string, evidence: readonly string[], cause?: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-4301",
      verdict: "errored",
      happened: `Prometheus at ${publicAddress(base)} cannot be reached or is not ready.`,
      evidence,
      next: "Check cutover:prometheus in the stack file and that the server runs.",
      exitCode: 17,
    },
    cause === undefined ? undefined : { cause },
  );
}

function notUnderstood(query: string, got: string): CutoverError {
  return new CutoverError({
    code: "CUT-4303",
    verdict: "errored",
    happened: `Prometheus answered the query with ${got}.`,
    evidence: [`query: ${query}`],
    next: "Correct the gate's query in the release set.",
  });
}
