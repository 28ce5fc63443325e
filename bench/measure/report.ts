import { median, nearestRank } from "./statistics.ts";
import type { Result, Series } from "../contract.ts";

/** A result as lines of a Markdown table's body: the figure, then its series. */
export function rowsOf(result: Result): string[][] {
  const { key, title, value, unit, goal } = result;
  const wanted = goal === null ? "" : `${goal.operator} ${goal.value}`;
  const head = [`**${key}**`, `**${show(value, unit)}**`, "", "", "", wanted, title];
  return [head, ...result.series.map((series) => seriesRow(series))];
}

/** All results as one Markdown table. */
export function tableOf(results: readonly Result[]): string[] {
  const head = ["figure", "median", "min", "max", "n", "goal", "what"];
  const rows = results.flatMap(rowsOf);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`.trimEnd();
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}

/** The JSON object: one number per key, and all samples under `details`. */
export function jsonOf(
  results: readonly Result[],
  machine: Record<string, unknown>,
  failed: readonly string[],
): string {
  const figures = Object.fromEntries(
    results.map(({ key, value }) => [key, Number.isFinite(value) ? round(value) : null]),
  );
  const details = Object.fromEntries(
    results.map(({ key, title, unit, goal, series, notes }) => [
      key,
      { title, unit, goal, notes, series: series.map((entry) => ({ ...entry, samples: entry.samples.map(round) })) },
    ]),
  );
  return JSON.stringify({ ...figures, machine, failed, details });
}

function seriesRow({ label, unit, samples }: Series): string[] {
  const cells = [median(samples), nearestRank(samples, 0), nearestRank(samples, 1)].map((value) => show(value, unit));
  return [`- ${label}`, ...cells, String(samples.length), "", ""];
}

function show(value: number, unit: Result["unit"]): string {
  if (!Number.isFinite(value)) return "none";
  if (unit === "ratio" || unit === "exponent") return value.toFixed(2);
  if (unit === "ms" && value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (unit === "ms" && value >= 1_000) return `${(value / 1000).toFixed(2)} s`;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
