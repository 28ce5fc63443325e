import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isAlive, type ProcessIdentity } from "../process/identity.ts";

interface Owner extends ProcessIdentity {
  host: string;
}

/**
 * Does work while holding a lock file. A second process waits and says whom for; the lock of a dead process (its number
 * and start time are the proof) is taken over. A lock from another host (a shared home folder) is never taken over.
 */
export async function withFolderLock<Result>(
  lockFile: string,
  what: string,
  say: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(path.dirname(lockFile), { recursive: true });
  const mine = `${lockFile}.${hostname()}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const owner: Owner = { ...identify(process.pid), host: hostname() };
  await writeFile(mine, JSON.stringify(owner));
  try {
    await acquire(lockFile, mine, what, say);
    try {
      return await work();
    } finally {
      await rm(lockFile, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function acquire(lockFile: string, mine: string, what: string, say: (line: string) => void): Promise<void> {
  let said = Number.NEGATIVE_INFINITY;
  for (;;) {
    // A hard link appears at once with its content, or not at all.
    const taken = await link(mine, lockFile).then(
      () => true,
      () => false,
    );
    if (taken) return;
    const owner = await readOwner(lockFile);
    if (owner === null) continue;
    if (owner.host === hostname() && !isAlive(owner)) {
      await takeAway(lockFile, mine, owner);
      continue;
    }
    if (performance.now() - said > 15_000) {
      say(`${what}: process ${owner.pid} on ${owner.host} is at it, waiting for it`);
      said = performance.now();
    }
    await sleep(250);
  }
}

async function readOwner(lockFile: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(lockFile, "utf8")) as Owner;
  } catch {
    return null;
  }
}

/** Removes a dead owner's lock; when another process was faster and a living lock was caught, that one is put back. */
async function takeAway(lockFile: string, mine: string, dead: Owner): Promise<void> {
  const aside = `${mine}.stale`;
  await rename(lockFile, aside).catch(() => undefined);
  const caught = await readOwner(aside);
  if (caught !== null && (caught.pid !== dead.pid || caught.startedAt !== dead.startedAt)) {
    await link(aside, lockFile).catch(() => undefined);
  }
  await rm(aside, { force: true });
}
