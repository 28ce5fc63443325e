// STAND-IN for SQL Server: its databases and histories as files. Content lives in a database's first data file, the rest in
// catalog.json; both are replaced in one step, so that a kill leaves the old or the new one.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { contentText, readContent } from "./content-text.ts";
import { emptyContent, newDatabase, sameName, type Content, type Database, type DatabaseFile } from "./database.ts";
import type { BackupSet, ManagedTask } from "./histories.ts";

/** Amazon RDS' own database; there only on RDS (engine/permissions.ts, maySee). */
export const rdsDatabase = "rdsadmin";

interface Catalog {
  nextDatabaseId: number;
  databases: Omit<Database, "content">[];
  backupSets: BackupSet[];
  tasks: ManagedTask[];
}

export class Store {
  private readonly catalogFile: string;
  private readonly databases: Database[] = [];
  private nextDatabaseId = 6;
  readonly backupSets: BackupSet[] = [];
  readonly tasks: ManagedTask[] = [];

  /** Reads what is in the folder, or starts with the system databases. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.catalogFile = path.join(folder, "catalog.json");
    ["master", "tempdb", "model", "msdb", rdsDatabase].forEach((name, index) => {
      this.databases.push({ ...newDatabase(index + 1, name, "sa"), system: true, recoveryModel: "SIMPLE" });
    });
    if (!existsSync(this.catalogFile)) return;
    const catalog = JSON.parse(readFileSync(this.catalogFile, "utf8")) as Catalog;
    this.nextDatabaseId = catalog.nextDatabaseId;
    this.backupSets.push(...catalog.backupSets);
    this.tasks.push(...catalog.tasks.map(endedByRestart));
    for (const database of catalog.databases) {
      const state = database.state === "COPYING" ? "SUSPECT" : database.state;
      this.databases.push({ ...database, state, content: contentOf(database) });
    }
  }

  all(): readonly Database[] {
    return this.databases;
  }

  find(name: string): Database | undefined {
    return this.databases.find((database) => sameName(database.name, name));
  }

  byId(id: number): Database | undefined {
    return this.databases.find((database) => database.id === id);
  }

  /** Takes the next number. */
  takeId(): number {
    return this.nextDatabaseId++;
  }

  add(database: Database): void {
    this.databases.push(database);
    this.save(database);
  }

  /** Removes it; its files too, but for those that are given. */
  remove(database: Database): void {
    this.databases.splice(this.databases.indexOf(database), 1);
    for (const file of database.files) rmSync(file.physicalName, { force: true });
    this.saveCatalog();
  }

  /** Writes a database's content and the catalog. */
  save(database: Database): void {
    if (database.system) return;
    for (const file of database.files) {
      writeFile(
        file.physicalName,
        file === dataFile(database) ? contentText(database.content) : "STAND-IN: a log file\n",
      );
    }
    this.saveCatalog();
  }

  saveCatalog(): void {
    const databases = this.databases.filter((database) => !database.system);
    const catalog: Catalog = {
      nextDatabaseId: this.nextDatabaseId,
      databases: databases.map(({ content: _content, ...rest }) => rest),
      backupSets: this.backupSets,
      tasks: this.tasks,
    };
    writeFile(this.catalogFile, `${JSON.stringify(catalog, null, 1)}\n`);
  }
}

/** What runs in the background does not outlive the server. */
function endedByRestart(task: ManagedTask): ManagedTask {
  if (task.lifecycle !== "CREATED" && task.lifecycle !== "IN_PROGRESS") return task;
  return { ...task, lifecycle: "ERROR", information: "The server was restarted." };
}

function dataFile(database: { files: readonly DatabaseFile[] }): DatabaseFile | undefined {
  return database.files.find((file) => file.type === "D");
}

function contentOf(database: { files: readonly DatabaseFile[] }): Content {
  const file = dataFile(database);
  if (file === undefined || !existsSync(file.physicalName)) return emptyContent();
  return readContent(readFileSync(file.physicalName, "utf8"));
}

function writeFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
