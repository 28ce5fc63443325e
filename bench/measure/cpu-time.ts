import { readFileSync } from "node:fs";

// Linux counts in hundredths of a second on all machines that the toolchain is built for.
const tickMilliseconds = 10;

/**
 * Milliseconds of processor time of all child processes that have ended, and of theirs, in steps of 10. Unlike elapsed
 * time it hardly depends on what else the machine does. 0 where there is no /proc.
 */
export function childCpuMilliseconds(): number {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    // cutime and cstime: the 16th and 17th field, and the first two are cut off.
    return (Number(fields[13]) + Number(fields[14])) * tickMilliseconds;
  } catch {
    return 0;
  }
}
