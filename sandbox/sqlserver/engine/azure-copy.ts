// STAND-IN for SQL Server: CREATE DATABASE ... AS COPY OF of Azure SQL Database. It goes on without its connection.
import { readContent, contentText } from "./content-text.ts";
import { newDatabase } from "./database.ts";
import type { ManagedTask } from "./histories.ts";
import { startTask } from "./managed-tasks.ts";
import { defaultFiles } from "./run-databases.ts";
import type { Session } from "./session.ts";
import { notKnown, SqlError } from "./sql-error.ts";

/** Starts the copy; the new database is COPYING until it is over. @throws SqlError 911. */
export function copyDatabase(name: string, copyOf: readonly string[], session: Session): void {
  const { server } = session;
  if (server.variant() !== "azure") throw notKnown("CREATE DATABASE ... AS COPY OF (it belongs to Azure SQL Database)");
  const sourceName = copyOf.at(-1) ?? "";
  const source = server.store.find(sourceName);
  if (source === undefined || source.system) {
    throw new SqlError(40530, `Database '${sourceName}' does not exist. Make sure that the name is entered correctly.`);
  }
  const database = newDatabase(server.store.takeId(), name, session.login.user);
  database.state = "COPYING";
  database.files = defaultFiles(name, server);
  server.store.add(database);
  // As of the end of the copy, as Azure's; the stand-in takes the content when the copy ends.
  const task: Pick<ManagedTask, "type" | "database" | "subject"> = {
    type: "COPY_DB",
    database: name,
    subject: source.name,
  };
  startTask(server, task, {
    finish: () => {
      if (!server.store.all().includes(database)) return;
      database.content = readContent(contentText(source.content));
      database.state = "ONLINE";
      server.store.save(database);
    },
    fail: () => {
      database.state = "SUSPECT";
      server.store.saveCatalog();
    },
  });
}
