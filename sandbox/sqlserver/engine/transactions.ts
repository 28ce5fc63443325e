// STAND-IN for SQL Server: transactions: the content before the first change is kept, and comes back with ROLLBACK. Nothing is locked.
import { contentText, readContent } from "./content-text.ts";
import type { Database } from "./database.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";

/** Called before a database's content is changed. @throws SqlError 3906 for a read-only database. */
export function willChange(session: Session, database: Database): void {
  if (database.readOnly) {
    throw new SqlError(3906, `Failed to update database "${database.name}" because the database is read-only.`);
  }
  const before = session.transaction?.before;
  if (before === undefined || before.has(database)) return;
  before.set(database, readContent(contentText(database.content)));
}

/** Called after it: outside a transaction the change is written at once. */
export function changed(session: Session, database: Database): void {
  if (session.transaction === null) session.server.store.save(database);
}

export function begin(session: Session): void {
  session.transaction ??= { before: new Map() };
  session.answers.transactionChanged("begin");
}

/** @throws SqlError 3902 without a transaction. */
export function commit(session: Session): void {
  if (session.transaction === null) {
    throw new SqlError(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.");
  }
  for (const database of session.transaction.before.keys()) session.server.store.save(database);
  session.transaction = null;
  session.answers.transactionChanged("commit");
}

/** @throws SqlError 3903 without a transaction. */
export function rollback(session: Session): void {
  if (session.transaction === null) {
    throw new SqlError(3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.");
  }
  for (const [database, content] of session.transaction.before) database.content = content;
  session.transaction = null;
  session.answers.transactionChanged("rollback");
}
