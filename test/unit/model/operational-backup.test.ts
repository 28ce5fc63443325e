import assert from "node:assert/strict";
import fc from "fast-check";
import { folderProblem } from "../../../model/operational/backup-device.ts";
import { backupProblems, type BackupHeader } from "../../../model/operational/backup-judgement.ts";
import { backupCopyName, backupPath, backupSetName } from "../../../model/operational/backup-name.ts";
import { serverKindOf } from "../../../model/operational/server-kind.ts";

const name = fc.string({ minLength: 1, maxLength: 128, unit: "grapheme" }).filter((text) => text.length <= 128);

describe("names of backups", () => {
  it("property: differ where databases or runs differ, and are never too long for the server", () => {
    fc.assert(
      fc.property(name, name, fc.nat(99), fc.nat(99), (a, b, run, other) => {
        for (const make of [backupSetName, backupCopyName]) {
          assert.ok(make("redpoint-dev", String(run), a).length <= 128);
          if (a !== b) assert.notEqual(make("s", "1", a), make("s", "1", b));
          if (run !== other) assert.notEqual(make("s", String(run), a), make("s", String(other), a));
        }
        const path = (database: string, of: number) =>
          backupPath("/b", { stack: "s", run: String(of), database, number: 1 });
        assert.match(path(a, run) ?? "", /^\/b\/[A-Za-z0-9._-]+\.bak$/);
        if (a !== b) assert.notEqual(path(a, run), path(b, run));
        if (run !== other) assert.notEqual(path(a, run), path(a, other));
      }),
    );
  });

  it("are written as the folder is", () => {
    const of = { stack: "redpoint-dev", run: "3", database: "Pulse", number: 1 };
    assert.equal(backupPath("D:\\Backup\\", of), "D:\\Backup\\redpoint-dev-3-Pulse.bak");
    assert.equal(backupPath("\\\\nas\\sql", of), "\\\\nas\\sql\\redpoint-dev-3-Pulse.bak");
    assert.equal(backupPath("/var/opt/backup", { ...of, number: 2 }), "/var/opt/backup/redpoint-dev-3-Pulse-2.bak");
    assert.equal(
      backupPath("https://a.blob.core.windows.net/c", of),
      "https://a.blob.core.windows.net/c/redpoint-dev-3-Pulse.bak",
    );
    assert.equal(backupPath(`/${"x".repeat(250)}`, of), null);
  });
});

describe("judgement of a backup set", () => {
  const good: BackupHeader = {
    ...{ name: "n", database: "Pulse", type: 1, finishedLocal: 5_000 },
    ...{ hasChecksums: true, isDamaged: false, isCopyOnly: true },
  };
  const wanted = { name: "n", database: "Pulse", notBeforeLocal: 5_900 };

  it("takes one full, copy-only set with checksums; headers have whole seconds", () => {
    assert.deepEqual(backupProblems([good], wanted), []);
  });

  const wrong: [string, BackupHeader[]][] = [
    ["nothing", []],
    ["two sets", [good, good]],
    ["another name", [{ ...good, name: "other" }]],
    ["another database", [{ ...good, database: "Pulse_Logging" }]],
    ["a differential", [{ ...good, type: 5 }]],
    ["no COPY_ONLY", [{ ...good, isCopyOnly: false }]],
    ["no checksums", [{ ...good, hasChecksums: false }]],
    ["damaged", [{ ...good, isDamaged: true }]],
    ["an older one", [{ ...good, finishedLocal: 4_000 }]],
  ];
  for (const [what, headers] of wrong) {
    it(`refuses ${what}`, () => assert.equal(backupProblems(headers, wanted).length, 1));
  }
});

describe("kinds of SQL Server", () => {
  const kind = (edition: number, rdsDatabase: number | null = null, googleRole: number | null = null) =>
    serverKindOf({ edition, rdsDatabase, googleRole });

  it("are told by edition, RDS by its database, Google Cloud SQL by its role", () => {
    assert.deepEqual(
      [kind(2), kind(3), kind(4), kind(5), kind(8)],
      ["sqlServer", "sqlServer", "sqlServerExpress", "azureSqlDatabase", "managedInstance"],
    );
    assert.deepEqual(
      [kind(4, 5), kind(3, null, 10), kind(9), kind(11)],
      ["amazonRds", "googleCloudSql", "other", "other"],
    );
  });

  it("each take backups to their own kind of place", () => {
    assert.equal(folderProblem("sqlServer", "D:\\Backup"), null);
    assert.equal(folderProblem("sqlServer", "/var/opt/mssql/backup"), null);
    assert.equal(folderProblem("sqlServerExpress", "https://a.blob.core.windows.net/c"), null);
    assert.equal(folderProblem("managedInstance", "https://a.blob.core.windows.net/c"), null);
    assert.equal(folderProblem("amazonRds", "arn:aws:s3:::bucket/folder"), null);
    assert.match(folderProblem("sqlServer", "Backup") ?? "", /absolute/);
    assert.match(folderProblem("sqlServer", "arn:aws:s3:::bucket") ?? "", /Amazon/);
    assert.match(folderProblem("managedInstance", "D:\\Backup") ?? "", /URL only/);
    assert.match(folderProblem("amazonRds", "D:\\Backup") ?? "", /S3 only/);
    assert.match(folderProblem("googleCloudSql", "/x") ?? "", /own API/);
    assert.notEqual(folderProblem("other", "/x"), null);
  });
});
