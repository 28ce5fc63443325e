import { stripVTControlCharacters } from "node:util";

/** How many tests of a tier passed and failed. */
export interface Counts {
  passed: number;
  failed: number;
}

/** Reads mocha's closing lines. A run that failed without saying how counts as one failure, and so does one without tests. */
export function countTests(output: string, exitCode: number): Counts {
  const plain = stripVTControlCharacters(output);
  const number = (word: string) => Number(new RegExp(`^\\s+(\\d+) ${word}`, "m").exec(plain)?.[1] ?? 0);
  const passed = number("passing");
  const failed = number("failing") + number("pending");
  if (failed === 0 && (exitCode !== 0 || passed === 0)) return { passed, failed: 1 };
  return { passed, failed };
}
