import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { CutoverError } from "../model/error.ts";
import { bootTime, startedAt } from "../clients/process-table.ts";
import { projectName, type Backend } from "./pulumi-backend.ts";

/** A lock whose owner is proven dead. */
export interface StaleLock {
  owner: string;
  proof: string;
}

const lockShape = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });
type Lock = z.infer<typeof lockShape>;

// Start times come in hundredths of a second from a boot time in whole seconds.
const clockSlackMilliseconds = 2_000;

/**
 * Reads Pulumi's locks of the stack and proves each owner dead. Throws CUT-6001 (exit code 14) when one lives or cannot be
 * judged from here, CUT-6002 (20) for a backend without readable locks, CUT-6003 (20) for a lock that is no lock.
 */
export async function judgeLocks(backend: Backend, root: string, stack: string): Promise<StaleLock[]> {
  if (backend.kind === "other") throw notReadable(backend.url, stack);
  const project = await projectName(root);
  const stale: StaleLock[] = [];
  // The second place is that of stacks from before projects had folders of their own.
  for (const folder of [join("organization", project, stack), stack]) {
    const path = join(backend.folder, "locks", folder);
    for (const name of await readdir(path).catch(() => [])) {
      if (!name.endsWith(".json")) continue;
      const lock = await readLock(join(path, name), stack);
      const proof = await proofOfDeath(lock);
      if (proof === null) throw livingOwner(lock, stack);
      stale.push({ owner: ownerOf(lock), proof });
    }
  }
  return stale;
}

async function proofOfDeath(lock: Lock): Promise<string | null> {
  if (lock.hostname !== hostname()) return null;
  const locked = Date.parse(lock.timestamp);
  const boot = await bootTime();
  if (boot !== null && boot > locked + clockSlackMilliseconds) {
    return `${lock.hostname} was restarted at ${new Date(boot).toISOString()}`;
  }
  const started = await startedAt(lock.pid);
  if (started === "gone") return `pid ${lock.pid} does not exist any more`;
  if (started !== "unknown" && started > locked + clockSlackMilliseconds) {
    return `pid ${lock.pid} is another process, started at ${new Date(started).toISOString()}`;
  }
  return null;
}

async function readLock(path: string, stack: string): Promise<Lock> {
  try {
    return lockShape.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new CutoverError(
      {
        code: "CUT-6003",
        verdict: "errored",
        happened: `Pulumi's lock of ${stack} is not readable, so its owner is not known`,
        evidence: [path],
        untouched: "Nothing was changed.",
        next: `Make sure that nobody runs pulumi on ${stack}, then: pulumi cancel --stack ${stack}`,
        exitCode: 20,
      },
      { cause },
    );
  }
}

function ownerOf(lock: Lock): string {
  return `${lock.username}@${lock.hostname} (pid ${lock.pid}) at ${lock.timestamp}`;
}

function livingOwner(lock: Lock, stack: string): CutoverError {
  const elsewhere = lock.hostname !== hostname();
  return new CutoverError({
    code: "CUT-6001",
    verdict: "failed",
    happened: `${stack} is in use by ${ownerOf(lock)}`,
    evidence: [
      elsewhere ? `whether pid ${lock.pid} lives can only be seen on ${lock.hostname}` : `pid ${lock.pid} lives`,
    ],
    untouched: "Nothing was changed.",
    next: elsewhere
      ? `npm run recover -- ${stack} on ${lock.hostname}`
      : "Wait until it has ended, or end it and try again.",
    exitCode: 14,
  });
}

function notReadable(url: string, stack: string): CutoverError {
  return new CutoverError({
    code: "CUT-6002",
    verdict: "errored",
    happened: `the backend ${url} keeps its locks itself; from here nobody can be proven dead`,
    untouched: "Nothing was changed.",
    next: `Look up who runs the present update (pulumi stack history --stack ${stack}, or the backend's console). Only when that process is dead: pulumi cancel --stack ${stack}`,
    exitCode: 20,
  });
}
