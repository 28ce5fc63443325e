// RESTORE into a new database, and the renames around it. REPLACE is nowhere: it switches off the guards against overwriting
// another database (facts/domain.md C3), and test/unit/clients/sqlserver-statements.test.ts asserts that it stays so.
import { quoteIdentifier, quoteLiteral } from "../quoting.ts";
import { deviceText } from "./backup.ts";
import type { BackupDevice, Statement } from "./statement.ts";

/**
 * master. The caller has asked databaseId(target) right before: RESTORE forces users off an existing database of the same
 * family, even without REPLACE. `move` must name every file of FILELISTONLY.
 */
export function restoreDatabase(input: {
  target: string;
  device: BackupDevice;
  move: readonly { logicalName: string; path: string }[];
}): Statement {
  const moves = input.move.map(
    ({ logicalName, path }) => `MOVE ${quoteLiteral(logicalName)} TO ${quoteLiteral(path)}, `,
  );
  return {
    sql: `RESTORE DATABASE ${quoteIdentifier(input.target)} FROM ${deviceText(input.device)} WITH ${moves.join("")}RECOVERY, CHECKSUM, STATS = 5`,
    source: "facts/domain.md C3, E; SQL:t-sql/statements/restore-statements-transact-sql.md",
  };
}

/** master of a Managed Instance: it places files itself and refuses every WITH option. */
export function restoreOnManagedInstance(target: string, device: BackupDevice): Statement {
  return {
    sql: `RESTORE DATABASE ${quoteIdentifier(target)} FROM ${deviceText(device)}`,
    source: "SQL:t-sql/statements/restore-statements-transact-sql.md (Azure SQL Managed Instance)",
  };
}

const alterPage = "SQL:t-sql/statements/alter-database-transact-sql.md";

/** master. Nobody else may be in the database. */
export function renameDatabase(from: string, to: string): Statement {
  return {
    sql: `ALTER DATABASE ${quoteIdentifier(from)} MODIFY NAME = ${quoteIdentifier(to)}`,
    source: alterPage,
  };
}

/** master. Ends all other sessions in the database and rolls their work back; then only one session may be in it. */
export function singleUser(database: string): Statement {
  return {
    sql: `ALTER DATABASE ${quoteIdentifier(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`,
    source: "SQL:t-sql/statements/alter-database-transact-sql-set-options.md",
  };
}

/** master. */
export function multiUser(database: string): Statement {
  return {
    sql: `ALTER DATABASE ${quoteIdentifier(database)} SET MULTI_USER`,
    source: "SQL:t-sql/statements/alter-database-transact-sql-set-options.md",
  };
}

/** master. Only for copies that the product made itself: a kept one, or one whose RESTORE did not end. Deletes its files. */
export function dropDatabase(database: string): Statement {
  return {
    sql: `DROP DATABASE ${quoteIdentifier(database)}`,
    source: "SQL:t-sql/statements/drop-database-transact-sql.md",
  };
}
