import assert from "node:assert/strict";
import fc from "fast-check";
import * as statements from "../../../clients/sqlserver/statements.ts";
import type { Statement } from "../../../clients/sqlserver/statements.ts";

const disk = { kind: "disk", path: "D:\\Backup\\it's.bak" } as const;
const url = { kind: "url", path: "https://a.blob.core.windows.net/c/x.bak" } as const;

/** Every statement with one example, and what goes over the wire. A new statement without an entry here fails the test below. */
const golden: Record<string, [Statement<unknown>, string]> = {
  backUpDatabase: [
    statements.backUpDatabase({
      database: "Inter]action",
      device: disk,
      name: "cutover o'dev 3",
      description: "rows 1",
      compression: true,
    }),
    "BACKUP DATABASE [Inter]]action] TO DISK = N'D:\\Backup\\it''s.bak' WITH COPY_ONLY, CHECKSUM, COMPRESSION, NAME = N'cutover o''dev 3', DESCRIPTION = N'rows 1', STATS = 5",
  ],
  verifyBackup: [
    statements.verifyBackup(url),
    "RESTORE VERIFYONLY FROM URL = N'https://a.blob.core.windows.net/c/x.bak' WITH CHECKSUM, STATS = 10",
  ],
  backupHeader: [statements.backupHeader(disk), "RESTORE HEADERONLY FROM DISK = N'D:\\Backup\\it''s.bak'"],
  backupFiles: [statements.backupFiles(disk), "RESTORE FILELISTONLY FROM DISK = N'D:\\Backup\\it''s.bak'"],
  restoreDatabase: [
    statements.restoreDatabase({
      target: "Pulse_dev",
      device: disk,
      move: [
        { logicalName: "Pul'se", path: "D:\\Data\\p.mdf" },
        { logicalName: "log", path: "D:\\Log\\p.ldf" },
      ],
    }),
    "RESTORE DATABASE [Pulse_dev] FROM DISK = N'D:\\Backup\\it''s.bak' WITH MOVE N'Pul''se' TO N'D:\\Data\\p.mdf', MOVE N'log' TO N'D:\\Log\\p.ldf', RECOVERY, CHECKSUM, STATS = 5",
  ],
  restoreOnManagedInstance: [
    statements.restoreOnManagedInstance("P", url),
    "RESTORE DATABASE [P] FROM URL = N'https://a.blob.core.windows.net/c/x.bak'",
  ],
  renameDatabase: [statements.renameDatabase("a", "b]"), "ALTER DATABASE [a] MODIFY NAME = [b]]]"],
  singleUser: [statements.singleUser("a"), "ALTER DATABASE [a] SET SINGLE_USER WITH ROLLBACK IMMEDIATE"],
  multiUser: [statements.multiUser("a"), "ALTER DATABASE [a] SET MULTI_USER"],
  dropDatabase: [statements.dropDatabase("a"), "DROP DATABASE [a]"],
  azureCopy: [statements.azureCopy("Pulse", "copy"), "CREATE DATABASE [copy] AS COPY OF [Pulse]"],
  countRows: [statements.countRows("dbo", "O]H"), "SELECT COUNT_BIG(*) AS [rows] FROM [dbo].[O]]H]"],
  copyTable: [
    statements.copyTable({ schema: "dbo", table: "OH", copy: "OH_bak_261122", run: "dev 3" }),
    "SET XACT_ABORT ON; BEGIN TRANSACTION; SELECT * INTO [dbo].[OH_bak_261122] FROM [dbo].[OH]; EXEC sys.sp_addextendedproperty N'cutover_run', N'dev 3', N'SCHEMA', N'dbo', N'TABLE', N'OH_bak_261122'; COMMIT TRANSACTION",
  ],
  rdsBackUp: [
    statements.rdsBackUp("Pulse", "arn:aws:s3:::b/x.bak"),
    "EXEC msdb.dbo.rds_backup_database @source_db_name = @database, @s3_arn_to_backup_to = @arn, @overwrite_s3_backup_file = 0, @type = N'FULL'",
  ],
};

/** Statements whose text never changes: values are parameters. */
const constant: Record<string, Statement<unknown>> = {
  serverFacts: statements.serverFacts,
  serverNames: statements.serverNames,
  googleRole: statements.googleRole,
  serverRights: statements.serverRights,
  azureRights: statements.azureRights,
  rowCounts: statements.rowCounts,
  databaseRights: statements.databaseRights("x"),
  databasesLike: statements.databasesLike("x"),
  databaseNamed: statements.databaseNamed("x"),
  databaseId: statements.databaseId("x"),
  databaseFiles: statements.databaseFiles("x"),
  fileOwner: statements.fileOwner("x"),
  requestsOf: statements.requestsOf("x"),
  sessionsIn: statements.sessionsIn("x"),
  backupSetNamed: statements.backupSetNamed("x", "x"),
  tableId: statements.tableId("x", "x"),
  columnNamed: statements.columnNamed("x", "x", "x"),
  relationNamed: statements.relationNamed("x", "x"),
  copiedBy: statements.copiedBy("x", "x"),
  copiesMadeBy: statements.copiesMadeBy("x", "x", "x"),
  copyRights: statements.copyRights("x", "x"),
  rdsRestore: statements.rdsRestore("x", "x"),
  rdsTasks: statements.rdsTasks("x"),
  rdsRename: statements.rdsRename("x", "x"),
  rdsDrop: statements.rdsDrop("x"),
  azureCopyState: statements.azureCopyState("x"),
};
const notStatements = ["send", "deviceText", "copyMark"];

describe("SQL Server statements", () => {
  it("are all listed here", () => {
    const listed = [...Object.keys(golden), ...Object.keys(constant), ...notStatements].sort();
    assert.deepEqual(Object.keys(statements).sort(), listed);
  });

  for (const [name, [statement, sql]] of Object.entries(golden)) {
    it(`${name} goes over the wire as documented`, () => assert.equal(statement.sql, sql));
  }

  it("name where they are documented, and have one statement each, without comments", () => {
    for (const statement of [...Object.values(constant), ...Object.values(golden).map(([one]) => one)]) {
      assert.match(statement.source, /facts\/domain\.md|SQL:|AZ:|RDS/);
      assert.doesNotMatch(statement.sql, /--|\/\*/);
      const used = new Set(
        [...statement.sql.matchAll(/(?<![@\w])@(\w+)(?!\w*\s*=\s*[@N0-9])/g)].map(([, name]) => name),
      );
      for (const name of Object.keys(statement.parameters ?? {}))
        assert.ok(used.has(name), `${name} in ${statement.sql}`);
    }
  });

  it("property: no RESTORE can hold REPLACE, no BACKUP can leave out COPY_ONLY and CHECKSUM or overwrite a file", () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        "x] WITH REPLACE --",
        "x' , REPLACE, NAME = N'",
        "x', REPLACE",
        "REPLACE",
        "a\nREPLACE",
        "FORMAT, INIT",
      ),
      fc
        .string({ minLength: 1, maxLength: 20, unit: "grapheme" })
        .filter((text) => !text.includes("\0") && text.length <= 128),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.boolean(), (a, b, c, compression) => {
        const device = { kind: "disk", path: b } as const;
        const move = [{ logicalName: c, path: a }];
        const restores = [
          statements.restoreDatabase({ target: a, device, move }),
          statements.restoreOnManagedInstance(a, device),
          statements.verifyBackup(device),
        ];
        for (const { sql } of restores) assert.doesNotMatch(outsideQuotes(sql), /REPLACE/i);
        const { sql } = statements.backUpDatabase({ database: a, device, name: c, description: b, compression });
        assert.match(
          outsideQuotes(sql),
          /WITH COPY_ONLY, CHECKSUM, (NO_)?COMPRESSION, NAME = , DESCRIPTION = , STATS = 5$/,
        );
      }),
    );
  });
});

/** The statement without what stands inside identifiers and literals. */
function outsideQuotes(sql: string): string {
  return sql.replaceAll(/N'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]/gs, "");
}
