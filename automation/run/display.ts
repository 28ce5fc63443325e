import { showDuration } from "../../model/duration.ts";
import type { Output } from "../output.ts";
import type { StepEvent } from "./events.ts";

/** Shows a run while it runs: a live tree to a person, lines to a script. */
export interface Display {
  event(event: StepEvent): void;
  end(): void;
}

interface Row {
  state: "waits" | "runs" | "done" | "failed";
  beganAt: number;
  milliseconds: number;
  said: string;
}

const marks = { waits: "·", runs: "▶", done: "✔", failed: "✖" } as const;
const redrawMilliseconds = 250;
/** Without a terminal nothing is silent longer than this. */
const heartbeatMilliseconds = 30_000;

/** `expected`: milliseconds of each step (`gsp verify`), from the ledger's past runs. */
export function openDisplay(
  output: Output,
  steps: readonly string[],
  expected: (step: string) => number | null,
): Display {
  const rows = new Map<string, Row>(steps.map((step) => [step, newRow()]));
  return output.interactive ? tree(output, rows, expected) : lines(output, rows, expected);
}

function newRow(): Row {
  return { state: "waits", beganAt: 0, milliseconds: 0, said: "" };
}

function apply(rows: Map<string, Row>, { step, what, text }: StepEvent): Row {
  const row = rows.get(step) ?? newRow();
  rows.set(step, row);
  if (what === "begins") Object.assign(row, { state: "runs", beganAt: Date.now(), said: "" });
  if (what === "says") row.said = text.split("\n").at(-1) ?? "";
  if (what === "ends" || what === "fails") {
    Object.assign(row, { state: what === "ends" ? "done" : "failed", milliseconds: Date.now() - row.beganAt });
  }
  return row;
}

function usually(expected: number | null): string {
  return expected === null ? "" : ` (usually ${showDuration(expected)})`;
}

function lines(output: Output, rows: Map<string, Row>, expected: (step: string) => number | null): Display {
  const said = new Set<string>();
  let shownAt = Date.now();
  const show = (text: string) => {
    shownAt = Date.now();
    output.note(text);
  };
  const timer = setInterval(() => {
    if (Date.now() - shownAt < heartbeatMilliseconds) return;
    for (const [step, row] of rows) {
      if (row.state === "runs")
        show(`… ${step}: ${showDuration(Date.now() - row.beganAt)}${usually(expected(step))} ${row.said}`);
    }
  }, 1_000);
  timer.unref();
  return {
    event(event) {
      const row = apply(rows, event);
      const { step, what, text } = event;
      if (what === "begins") show(`${marks.runs} ${step}${usually(expected(step))}`);
      if (what === "ends") show(`${marks.done} ${step} ${showDuration(row.milliseconds)}`);
      if (what === "fails") show(`${marks.failed} ${step} ${showDuration(row.milliseconds)}`);
      if (what !== "says") return;
      for (const line of text.split("\n")) {
        if (said.has(`${step} ${line}`)) continue;
        said.add(`${step} ${line}`);
        show(`    ${line}`);
      }
    },
    end: () => clearInterval(timer),
  };
}

function tree(output: Output, rows: Map<string, Row>, expected: (step: string) => number | null): Display {
  let drawn = 0;
  const draw = () => {
    const width = process.stderr.columns ?? 80;
    const text = [...rows].map(([step, row]) => rowText(output, step, row, expected(step)).slice(0, width + 20));
    process.stderr.write(`${drawn > 0 ? `\u001B[${drawn}A` : ""}${text.map((line) => `\u001B[2K${line}\n`).join("")}`);
    drawn = text.length;
  };
  const timer = setInterval(draw, redrawMilliseconds);
  draw();
  return {
    event: (event) => void apply(rows, event),
    end() {
      clearInterval(timer);
      draw();
    },
  };
}

function rowText(output: Output, step: string, row: Row, expected: number | null): string {
  const mark = { waits: "gray", runs: "cyan", done: "green", failed: "red" } as const;
  const elapsed = row.state === "runs" ? Date.now() - row.beganAt : row.milliseconds;
  const time = row.state === "waits" ? "" : showDuration(elapsed);
  const of = expected === null ? "" : ` of ~${showDuration(expected)}`;
  const tail = row.state === "runs" ? `  ${row.said}` : row.state === "failed" ? "  failed" : "";
  return `${output.paint(mark[row.state], marks[row.state])} ${step.padEnd(28)} ${time}${row.state === "waits" ? "" : of}${tail}`;
}
