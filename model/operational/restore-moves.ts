/** A database as its server shows it. `partial`: being restored or left in the middle; `unusable`: there, but not online (suspect, offline). */
export type DatabaseState = "absent" | "partial" | "online" | "unusable";

/** The three databases that the restore of one knows: the one in use, the restored one beside it, the one that was replaced. */
export interface DatabasesAround {
  original: DatabaseState;
  restored: DatabaseState;
  replaced: DatabaseState;
}

/**
 * One move of a restore. Each changes one name or makes one database; a kill between two of them loses nothing.
 * `restore`: from the backup into the new one. `dropPartial`: what is beside was never complete. `setAside`: the old one gets
 * its kept name. `putInPlace`: the restored one gets the name. `done`: nothing is left.
 */
export type RestoreMove = "restore" | "dropPartial" | "setAside" | "putInPlace" | "done";

/**
 * The next move, by what is there: names tell more than a record that a crash may have prevented. The old database is never
 * dropped, and never set aside before the restored one is complete. Null: no part of cutover makes this; somebody changed databases
 * by hand, and a person has to look.
 */
export function nextRestoreMove(around: DatabasesAround): RestoreMove | null {
  const { original, restored, replaced } = around;
  if (original === "partial" || replaced === "partial" || restored === "unusable") return null;
  if (restored === "partial") return "dropPartial";
  if (replaced === "absent") {
    if (restored === "absent") return "restore";
    return original === "absent" ? "putInPlace" : "setAside";
  }
  if (original === "absent") return restored === "absent" ? "restore" : "putInPlace";
  // Both names are taken: by this restore when nothing is beside any more, by somebody else when something is.
  return restored === "absent" && original === "online" ? "done" : null;
}

/** What a move makes of the three; for tests and for saying what will happen. */
export function afterMove(around: DatabasesAround, move: RestoreMove): DatabasesAround {
  switch (move) {
    case "restore":
      return { ...around, restored: "online" };
    case "dropPartial":
      return { ...around, restored: "absent" };
    case "setAside":
      return { ...around, original: "absent", replaced: around.original };
    case "putInPlace":
      return { ...around, original: around.restored, restored: "absent" };
    case "done":
      return around;
  }
}

const longestName = { sqlserver: 128, postgresql: 63 } as const;

/** Names of the other two. */
export function namesBeside(
  database: string,
  stamp: string,
  provider: "sqlserver" | "postgresql",
): { database: string; restored: string; replaced: string } {
  const named = (what: string): string => nameWithEnd(database, `_${what}_${stamp}`, provider);
  return { database, restored: named("restore"), replaced: named("replaced") };
}

/** A name with something after it. Too long ones are shortened and told apart by a number made of the whole name. */
export function nameWithEnd(database: string, end: string, provider: "sqlserver" | "postgresql"): string {
  const most = longestName[provider];
  if (lengthOf(database + end, provider) <= most) return database + end;
  const mark = `_${markOf(database)}`;
  let start = database;
  while (lengthOf(start + mark + end, provider) > most) start = [...start].slice(0, -1).join("");
  return start + mark + end;
}

/**
 * Databases that another restore of the same database left beside it: it was interrupted, and two of them at once would not know
 * of each other's kept copies.
 */
export function leftByOtherRestores(
  database: string,
  stamp: string,
  provider: "sqlserver" | "postgresql",
  existing: readonly string[],
): string[] {
  return existing.filter((name) => {
    const other = /_restore_(\d{8}[T_]\d{6}Z?)$/.exec(name)?.[1];
    return other !== undefined && other !== stamp && namesBeside(database, other, provider).restored === name;
  });
}

/** `<name>_replaced_<stamp>`: what a restore or a rollback kept; nothing else may be removed as such. */
export function isKeptName(name: string): boolean {
  return /._replaced_\d{8}[T_]\d{6}Z?$/.test(name);
}

/** `20261122_191422`, UTC: part of the names of one restore. */
export function stampOf(now: Date): string {
  return now
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:]/g, "")
    .replace("T", "_");
}

function lengthOf(text: string, provider: "sqlserver" | "postgresql"): number {
  return provider === "sqlserver" ? text.length : Buffer.byteLength(text);
}

/** Eight hexadecimal digits that differ where names differ (FNV-1a). */
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
