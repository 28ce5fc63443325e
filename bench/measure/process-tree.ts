import { readdirSync, readFileSync } from "node:fs";

/** What a process and its children used. */
export interface Usage {
  /** Largest sum of resident memory over the tree, in bytes. Pages that processes share count once per process. */
  peakBytes: number;
  /** Bytes that the root process itself gave to the disk, as of the last look; 0 on a file system in memory. */
  writtenBytes: number;
}

const pollMilliseconds = 100;
// Linux: 4 KiB on all machines that the toolchain is built for.
const pageBytes = 4096;

/** Looks at a process tree in /proc ten times a second until `stop`; zeros where there is no /proc. */
export function watchProcessTree(pid: number): { stop(): Usage } {
  const usage: Usage = { peakBytes: 0, writtenBytes: 0 };
  const look = (): void => {
    const resident = treeOf(pid).reduce((sum, member) => sum + residentBytes(member), 0);
    usage.peakBytes = Math.max(usage.peakBytes, resident);
    const written = /^write_bytes: (\d+)$/m.exec(read(`/proc/${pid}/io`))?.[1];
    usage.writtenBytes = Math.max(usage.writtenBytes, Number(written ?? 0));
  };
  const timer = setInterval(look, pollMilliseconds);
  return {
    stop() {
      clearInterval(timer);
      return usage;
    },
  };
}

function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function childrenOf(pid: number): number[] {
  const threads = `/proc/${pid}/task`;
  let names: string[];
  try {
    names = readdirSync(threads);
  } catch {
    return [];
  }
  return names.flatMap((thread) => read(`${threads}/${thread}/children`).split(" ").filter(Boolean).map(Number));
}

function residentBytes(pid: number): number {
  return Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * pageBytes;
}

/** Empty when the process has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
