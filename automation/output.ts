import { styleText } from "node:util";
import type { Redactor } from "../clients/redaction.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a verb's words go. Everything passes the redactor; with `--json` only the document reaches stdout. */
export interface Output {
  readonly json: boolean;
  /** A person looks at a terminal that can redraw. */
  readonly interactive: boolean;
  /** A line of the result, on stdout. Not shown with `--json`. */
  line(text?: string): void;
  /** Progress and warnings, on stderr; shown with `--json` too. */
  note(text: string): void;
  /** The one JSON document of `--json`; does nothing without it. */
  document(value: unknown): void;
  /** Coloured text; plain where colours are unwanted. Colour never carries meaning alone. */
  paint(style: Style, text: string): string;
}

/** Opens the output of one command. `color` false: never coloured. */
export function openOutput(options: { json: boolean; color: boolean; redactor: Redactor }): Output {
  const { json, redactor } = options;
  const interactive =
    !json && process.stdout.isTTY && process.env["TERM"] !== "dumb" && process.env["CI"] === undefined;
  const write = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${redactor.redact(text)}\n`);
  return {
    json,
    interactive,
    line(text = "") {
      if (!json) write(process.stdout, text);
    },
    note: (text) => write(process.stderr, text),
    document(value) {
      if (json) write(process.stdout, JSON.stringify(value, null, 2));
    },
    paint: (style, text) => (options.color ? styleText(style, text, { stream: process.stdout }) : text),
  };
}

/** Rows as aligned columns; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
