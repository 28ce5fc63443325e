/** Longest backup set name, application name and database name of SQL Server, in UTF-16 units. */
const longestName = 128;
/** Longest name of a backup device (SQL:relational-databases/backup-restore/sql-server-backup-to-url.md). */
const longestDevice = 259;

/** Name of a database's backup set, unique per stack and run: by it an interrupted BACKUP is found again. */
export function backupSetName(stack: string, run: string, database: string): string {
  return shortened(`cutover ${stack} ${run} ${database}`, longestName);
}

/**
 * Where a database's backup goes: `D:\\Backup\\redpoint-dev-3-Pulse.bak`. `number` above 1: another try, because something that is
 * no backup lies at the first place. Null: the path would be longer than a device name may be.
 */
export function backupPath(
  folder: string,
  { stack, run, database, number }: { stack: string; run: string; database: string; number: number },
): string | null {
  const again = number === 1 ? "" : `-${number}`;
  const file = `${fileName(`${stack}-${run}-${database}`)}${again}.bak`;
  const path = `${folder.replace(/[\\/]+$/, "")}${separatorOf(folder)}${file}`;
  return path.length > longestDevice ? null : path;
}

/** Name of the copy that is a database's backup on Azure SQL Database. Never looks like a tenant's database. */
export function backupCopyName(stack: string, run: string, database: string): string {
  return shortened(`cutover_${stack}_${run}_${database}`, longestName);
}

/** Windows' own separator where the folder is written so, `/` on Linux and in URLs. */
function separatorOf(folder: string): string {
  return /^([a-z]:|\\\\)/i.test(folder) && !folder.includes("/") ? "\\" : "/";
}

/** Only characters that every file system and URL takes; names that needed changes are told apart by a number made of the whole name. */
function fileName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 120);
  return plain === name ? plain : `${plain}_${markOf(name)}`;
}

function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const end = `~${markOf(name)}`;
  // Never cut in the middle of a character of two units.
  const start = name.slice(0, most - end.length).replace(/[\uD800-\uDBFF]$/, "");
  return start + end;
}

/** Eight hexadecimal digits that differ where names differ (FNV-1a). */
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
