import { parseArgs } from "node:util";
import { CutoverError } from "../model/error.ts";
import { didYouMean } from "../model/suggestion.ts";
import type { Benchmark } from "./contract.ts";

export interface BenchOptions {
  benchmarks: readonly Benchmark[];
  rounds: number;
  json: boolean;
}

/** Reads the command line; without names all benchmarks run. Throws CUT-9800. */
export function readOptions(argv: readonly string[], all: readonly Benchmark[]): BenchOptions {
  const { values, positionals } = parsed(argv);
  const chosen = positionals.map((name) => {
    const found = all.find((benchmark) => benchmark.name === name);
    const names = all.map((benchmark) => benchmark.name);
    if (found === undefined) throw wrong(`there is no benchmark ${name}${didYouMean(name, names)}`, names);
    return found;
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw wrong(`--rounds ${values.rounds} is no whole number above 0`);
  return { benchmarks: chosen.length === 0 ? all : chosen, rounds, json: values.json };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { rounds: { type: "string", default: "5" }, json: { type: "boolean", default: false } },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(happened: string, names: readonly string[] = []): CutoverError {
  return new CutoverError({
    code: "CUT-9800",
    verdict: "errored",
    happened,
    evidence: names.length === 0 ? [] : [`benchmarks: ${names.join(", ")}`],
    next: "npm run bench -- [name ...] [--rounds N] [--json]",
    exitCode: 2,
  });
}
