import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeBackups, type BackupRecord } from "../../../model/backup-evidence.ts";
import { readBarman } from "../../../steps/database/barman.ts";
import { readPgBackRest } from "../../../steps/database/pgbackrest.ts";

const now = Date.parse("2026-11-22T15:00:00Z");
const hoursAgo = (hours: number): string => new Date(now - hours * 3_600_000).toISOString();
const record = (change: Partial<BackupRecord> = {}): BackupRecord => ({
  id: "20261122F",
  type: "full",
  finishedAt: hoursAgo(2),
  complete: true,
  problem: null,
  system: "7711013759144061176",
  bytes: 100,
  ...change,
});
const judge = (records: BackupRecord[]) => {
  const judged = judgeBackups(records, { system: "7711013759144061176", maxAgeHours: 24, now });
  return judged.newest === null ? judged.why : judged.newest.id;
};

// As pgBackRest 2.45 printed it here; the 64-bit identifier does not fit a JavaScript number.
const printed = (code: number, message: string): string =>
  `[{"backup":[{"backrest":{"format":5,"version":"2.45"},"database":{"id":1,"repo-key":1},"error":false,"info":{"delta":22992562,"repository":{"delta":3043462,"size":3043462},"size":22992562},"label":"20261122-151138F","prior":null,"timestamp":{"start":1795360298,"stop":1795360301},"type":"full"}],"db":[{"id":1,"repo-key":1,"system-id":7711013759144061176,"version":"15"}],"name":"main","status":{"code":${code},"lock":{"backup":{"held":false}},"message":"${message}"}}]`;

describe("backups of other systems as evidence", () => {
  it("the newest complete backup of the same server that is young enough counts", () => {
    assert.equal(judge([record({ id: "old", finishedAt: hoursAgo(20) }), record({ id: "new" })]), "new");
    assert.equal(
      judge([record({ id: "broken", finishedAt: hoursAgo(1), complete: false }), record({ id: "good" })]),
      "good",
    );
  });

  it("nothing else does, and the reason says why", () => {
    assert.equal(judge([]), "there is no backup");
    assert.equal(judge([record({ complete: false })]), "no backup is complete");
    assert.match(judge([record({ finishedAt: hoursAgo(25) })]), /25.0 h old, allowed are 24 h/);
    assert.match(judge([record({ system: "1" })]), /backups are of system 1, the service's database is on 7711/);
    assert.match(judge([record({ finishedAt: hoursAgo(-1) })]), /future/);
    assert.equal(judge([record({ finishedAt: "never" })]), "no backup is complete");
  });

  it("never accepts a backup older than allowed, whatever the list", () => {
    const any = fc.record({ age: fc.double({ min: 24.01, max: 1e5, noNaN: true }), complete: fc.boolean() });
    fc.assert(
      fc.property(fc.array(any), (list) => {
        const records = list.map(({ age, complete }) => record({ finishedAt: hoursAgo(age), complete }));
        const judged = judgeBackups(records, { system: null, maxAgeHours: 24, now });
        assert.equal(judged.newest, null);
      }),
    );
  });

  it("pgBackRest: keeps all digits of the system identifier, refuses a stanza that is missing or not ok", () => {
    const [backup] = readPgBackRest(printed(0, "ok"), "main");
    assert.deepEqual(backup, {
      id: "20261122-151138F",
      type: "full",
      finishedAt: "2026-11-22T15:11:41.000Z",
      complete: true,
      problem: null,
      system: "7711013759144061176",
      bytes: 22992562,
    });
    assert.throws(() => readPgBackRest(printed(2, "no valid backups"), "main"), /CUT-5161 stanza main is not ok/);
    assert.throws(() => readPgBackRest(printed(0, "ok"), "other"), /knows no stanza other/);
  });

  it("Barman: only DONE is complete, times come from the time stamp, another server is refused", () => {
    const text = JSON.stringify({
      main: [
        {
          backup_id: "20261122T150000",
          backup_type: "rsync",
          status: "DONE",
          end_time_timestamp: "1795360301",
          size_bytes: 5,
        },
        { backup_id: "20261122T160000", status: "WAITING_FOR_WALS", end_time_timestamp: "1795360999" },
        { backup_id: "20261122T170000", status: "FAILED" },
      ],
    });
    assert.deepEqual(
      readBarman(text, "main").map((backup) => [backup.id, backup.complete, backup.problem]),
      [
        ["20261122T150000", true, null],
        ["20261122T160000", false, "status WAITING_FOR_WALS"],
        ["20261122T170000", false, "status FAILED"],
      ],
    );
    assert.throws(() => readBarman(text, "other"), /CUT-5162 Barman lists no server other/);
    assert.throws(() => readBarman('{"main":[{"backup_id":"x","status":"DONE"}]}', "main"), /no end_time_timestamp/);
  });
});
