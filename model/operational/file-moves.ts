/** One file in a backup, as RESTORE FILELISTONLY tells it; names as its columns (facts/domain.md C3). */
export interface BackupFileRow {
  LogicalName: string;
  PhysicalName: string;
  /** D data, L log, F full-text, S FileStream, FileTable or In-Memory OLTP (a folder). */
  Type: string;
}

/** Where a file of the backup goes; every one of them has to be named in a MOVE, or it goes where the original's is. */
export interface FileMove {
  logical: string;
  physical: string;
}

/**
 * A place for every file of a backup: physical names are made of the new database's name, so that no two databases of a server
 * meet. The separator follows the folder's own form (a SQL Server on Windows or on Linux). `taken`: paths of other databases, in lower
 * case: a database that was renamed keeps its files, and they the name that it had.
 */
export function fileMoves(
  files: readonly BackupFileRow[],
  to: { database: string; dataFolder: string; logFolder: string },
  taken: ReadonlySet<string> = new Set(),
): FileMove[] {
  const used = new Set<string>();
  return files.map((file) => {
    const folder = file.Type === "L" ? to.logFolder : to.dataFolder;
    const ending = endingOf(file);
    // No name that fileName makes holds a tilde: what stands before and after it cannot be mistaken.
    const base = `${fileName(to.database)}~${fileName(file.LogicalName)}`;
    let physical = joinFolder(folder, `${base}${ending}`);
    const isTaken = (): boolean => used.has(physical.toLowerCase()) || taken.has(physical.toLowerCase());
    for (let number = 2; isTaken(); number += 1) physical = joinFolder(folder, `${base}_${number}${ending}`);
    used.add(physical.toLowerCase());
    return { logical: file.LogicalName, physical };
  });
}

function endingOf({ PhysicalName, Type }: BackupFileRow): string {
  // A FileStream container is a folder.
  if (Type === "S") return "";
  return /\.[A-Za-z0-9]{1,5}$/.exec(PhysicalName)?.[0] ?? (Type === "L" ? ".ldf" : ".ndf");
}

/** What a file may be called on Windows and Linux; different names stay different. */
function fileName(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}._ -]/gu, (character) => `%${character.codePointAt(0)?.toString(16)}`);
  return plain.replace(/[. ]+$/, (end) => "%".repeat(end.length));
}

function joinFolder(folder: string, name: string): string {
  const separator = folder.includes("\\") || /^[A-Za-z]:/.test(folder) ? "\\" : "/";
  return `${folder.replace(/[\\/]+$/, "")}${separator}${name}`;
}
