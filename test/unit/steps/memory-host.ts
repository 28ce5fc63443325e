import type { DatabaseState } from "../../../model/operational/restore-moves.ts";
import type { DatabaseBackup } from "../../../model/platform-backup.ts";
import type { DatabaseHost } from "../../../steps/operational/database-host.ts";

/** What a database of the server in memory holds. */
export interface MemoryDatabase {
  state: DatabaseState;
  content: string;
}

export interface MemoryHost extends DatabaseHost {
  databases: Map<string, MemoryDatabase>;
  /** What was done, in order: `restore Pulse`, `rename a -> b`, `drop a`, `verify Pulse`. */
  done: string[];
}

export class Killed extends Error {}

/**
 * A server in memory that keeps the promises of DatabaseHost and nothing more. `killAt`: the number of the change in the middle of which
 * the process dies; a restore is then half made, a rename done or not done as `killAfter` says.
 */
export function memoryHost(input: {
  databases: Record<string, string>;
  damaged?: readonly string[];
  killAt?: number;
  killAfter?: boolean;
  address?: string;
}): MemoryHost {
  const databases = new Map<string, MemoryDatabase>(
    Object.entries(input.databases).map(([name, content]) => [name, { state: "online", content }]),
  );
  const done: string[] = [];
  let changes = 0;
  const change = (what: string, half: () => void, whole: () => void): void => {
    changes += 1;
    done.push(what);
    if (changes !== input.killAt) return whole();
    if (input.killAfter === true) whole();
    else half();
    throw new Killed(what);
  };
  const nothing = (): void => undefined;
  const address = input.address ?? "memory:1433";
  return {
    provider: "sqlserver",
    address,
    place: { host: "memory", port: 1433, database: "Pulse" },
    refusal: null,
    databases,
    done,
    identity: async () => ({ provider: "sqlserver", address, names: [address], startedAt: address }),
    names: async () => [...databases.keys()],
    states: async (names) => new Map(names.map((name) => [name, databases.get(name)?.state ?? "absent"])),
    async verify({ database }) {
      done.push(`verify ${database}`);
      if (input.damaged?.includes(database) === true) throw new Error(`the backup of ${database} is damaged`);
    },
    async restore(backup, target) {
      if (databases.has(target)) throw new Error(`${target} exists`);
      const make = (state: DatabaseState): void => void databases.set(target, { state, content: contentOf(backup) });
      change(
        `restore ${target}`,
        () => make("partial"),
        () => make("online"),
      );
    },
    rows: async (name) => ({ rows: databases.get(name)?.content.length ?? -1 }),
    async rename(from, to) {
      const found = databases.get(from);
      if (found === undefined || databases.has(to)) throw new Error(`cannot rename ${from} to ${to}`);
      change(`rename ${from} -> ${to}`, nothing, () => {
        databases.delete(from);
        databases.set(to, found);
      });
    },
    open: async () => undefined,
    async drop(name) {
      change(`drop ${name}`, nothing, () => void databases.delete(name));
    },
    query: async () => [],
    close: async () => undefined,
  };
}

/** A backup whose content is in its proof. */
export function memoryBackup(database: string, content: string): DatabaseBackup {
  return {
    database,
    provider: "sqlserver",
    server: "memory:1433",
    path: `/backup/${database}`,
    name: database,
    bytes: content.length,
    startedAt: "2026-11-22T10:00:00.000Z",
    finishedAt: "2026-11-22T10:01:00.000Z",
    proof: content,
    rows: { rows: content.length },
  };
}

function contentOf(backup: DatabaseBackup): string {
  return backup.proof;
}
