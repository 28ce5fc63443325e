import * as z from "zod";
import { CutoverError } from "../model/error.ts";
import type { Sample, Series } from "./contracts.ts";
import type { HttpAnswer } from "./http.ts";

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const data = z.discriminatedUnion("resultType", [
  z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: labels, value: point })) }),
  z.object({ resultType: z.literal("matrix"), result: z.array(z.object({ metric: labels, values: z.array(point) })) }),
  z.object({ resultType: z.literal("scalar"), result: point }),
]);
const answer = z.union([
  z.object({ status: z.literal("success"), data }),
  z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() }),
]);

/** A query's result; times in seconds of the server's clock. A scalar is one sample without labels. */
export type QueryData =
  { kind: "samples" | "scalar"; samples: Sample[]; series: [] } | { kind: "series"; samples: []; series: Series[] };

/** Reads the answer of /api/v1/query. @throws CutoverError CUT-4302 (the server refuses the query) or CUT-4303 (no such answer is known). */
export function parseAnswer(from: HttpAnswer, query: string, server: string): QueryData {
  let parsed;
  try {
    parsed = answer.safeParse(JSON.parse(from.body));
  } catch {
    throw broken(server, query, `status ${from.status}, not JSON: ${from.body.slice(0, 100)}`);
  }
  if (!parsed.success) {
    throw broken(server, query, `status ${from.status}: ${z.prettifyError(parsed.error).split("\n")[0] ?? ""}`);
  }
  if (parsed.data.status === "error") throw refused(server, query, `${parsed.data.errorType}: ${parsed.data.error}`);
  const result = parsed.data.data;
  switch (result.resultType) {
    case "scalar":
      return { kind: "scalar", samples: [sampleOf({}, result.result)], series: [] };
    case "vector":
      return {
        kind: "samples",
        samples: result.result.map((entry) => sampleOf(entry.metric, entry.value)),
        series: [],
      };
    case "matrix":
      return {
        kind: "series",
        samples: [],
        series: result.result.map((entry) => ({
          labels: entry.metric,
          points: entry.values.map(([time, value]) => ({ time, value: numberOf(value) })),
        })),
      };
  }
}

function sampleOf(metric: Record<string, string>, [time, value]: [number, string]): Sample {
  return { labels: metric, time, value: numberOf(value), evaluatedAt: time };
}

/** Prometheus writes infinities as +Inf and -Inf, which Number() does not read. */
export function numberOf(text: string): number {
  if (text === "+Inf" || text === "Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

function refused(server: string, query: string, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4302",
    verdict: "errored",
    happened: `Prometheus at ${server} refused a query.`,
    evidence: [`query: ${query}`, problem],
    next: "Correct the gate's query in the release set.",
  });
}

function broken(server: string, query: string, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4303",
    verdict: "errored",
    happened: `The answer of ${server} is not one of the Prometheus HTTP API.`,
    evidence: [`query: ${query}`, problem],
    next: "Check cutover:prometheus in the stack file: it is the base address, without /api/v1.",
  });
}
