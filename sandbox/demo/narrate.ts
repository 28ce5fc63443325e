import { styleText } from "node:util";

const started = Date.now();

/** Seconds since the demo began, for every line that it prints. */
export function elapsed(): string {
  return `${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s`;
}

/** A headline between the parts of the demo. */
export function chapter(title: string): void {
  process.stdout.write(`\n${styleText("bold", `[${elapsed()}] ${title}`)}\n`);
}

/** One line of the demo's own. */
export function say(line: string): void {
  process.stdout.write(`${styleText("dim", `[${elapsed()}]`)} ${line}\n`);
}

/** Lines of a program that the demo runs, indented so that they can be told apart. */
export function quote(text: string): void {
  for (const line of text.split("\n")) if (line.trim() !== "") process.stdout.write(`    ${line}\n`);
}

/** Rows as a table with aligned columns. */
export function table(header: string[], rows: string[][]): void {
  const widths = header.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  quote([line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n"));
}
