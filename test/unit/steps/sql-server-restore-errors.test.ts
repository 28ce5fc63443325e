import assert from "node:assert/strict";
import { SqlServerError } from "../../../clients/sqlserver/sql-error.ts";
import { CutoverError } from "../../../model/error.ts";
import { restoreError, type RestorePart } from "../../../steps/operational/sql-server-errors.ts";
import { memoryBackup } from "./memory-host.ts";

const backup = memoryBackup("Interaction_acme", "x");
const said = (part: RestorePart, failure: "refused" | "lost", ...messages: [number, string][]) => {
  const error = new SqlServerError({
    failure,
    server: "sql:1433",
    messages: messages.map(([number, text]) => ({ number, text })),
  });
  const made = restoreError(part, backup, "v7_Interaction_acme", error);
  assert.ok(made instanceof CutoverError);
  return made.details;
};
const ended: [number, string] = [3013, "RESTORE DATABASE is terminating abnormally."];

describe("what a failed restore on SQL Server means", () => {
  it("each known cause has its own words and its own way out, with everything that the server said", () => {
    const known: [string, [number, string], RegExp][] = [
      ["CUT-5531", [3169, "The database was backed up on a server running version 16.00.1000."], /later version/],
      ["CUT-5532", [33111, "Cannot find server certificate with thumbprint '0x0AFF'."], /CREATE CERTIFICATE/],
      ["CUT-5533", [3201, "Cannot open backup device 'D:\\b.bak'. Operating system error 2"], /share or a URL/],
      ["CUT-5534", [262, "CREATE DATABASE permission denied in database 'master'."], /dbcreator/],
      ["CUT-5535", [3257, "There is insufficient free space on disk volume"], /dataFolder/],
      ["CUT-5535", [3202, 'Write on "x" failed: 112(There is not enough space on the disk.)'], /dataFolder/],
    ];
    for (const part of ["verify", "files", "failed"] as const) {
      for (const [code, message, next] of known) {
        const details = said(part, "refused", message, ended);
        assert.deepEqual([details.code, details.verdict, details.exitCode], [code, "failed", 16]);
        assert.match(details.next ?? "", next);
        assert.equal(details.evidence?.length, 2);
      }
    }
  });

  it("a refusal is failed, a lost connection could not tell; what was touched is said", () => {
    assert.equal(said("verify", "refused", [3189, "Damage to the backup set was detected."]).code, "CUT-5537");
    assert.match(said("verify", "refused", ended).untouched ?? "", /No database was made/);
    const lost = said("lost", "lost", [0, "socket hang up"]);
    assert.deepEqual([lost.code, lost.verdict], ["CUT-5538", "errored"]);
    assert.match(lost.happened, /v7_Interaction_acme was not restored to its end/);
  });

  it("what is no statement's error stays what it is", () => {
    const other = new Error("a bug");
    assert.equal(restoreError("failed", backup, "x", other), other);
  });
});
