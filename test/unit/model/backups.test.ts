import assert from "node:assert/strict";
import { findBackup, knownBackups } from "../../../model/backups.ts";
import { chain, genesisHash, type EntryBody, type Page } from "../../../model/ledger.ts";
import { CutoverError } from "../../../model/error.ts";
import type { Json } from "../../../model/service.ts";

function page(number: number, ...bodies: EntryBody[]): Page {
  const at = "2026-11-22T10:00:00.000Z";
  return { stack: "dev", number, open: false, entries: bodies.map((body) => chain(genesisHash, at, body)) };
}

function receipt(
  facts: { [key: string]: Json },
  verdict: "passed" | "failed" = "passed",
  service = "gim-t100",
): EntryBody {
  return {
    kind: "receipt",
    digest: "d",
    releaseSet: "r2026-08",
    receipt: {
      step: "backup",
      service,
      verdict,
      summary: "",
      evidence: [],
      gates: [],
      facts,
      startedAt: "2026-11-20T00:00:00.000Z",
      durationMilliseconds: 1,
      toolVersion: "1",
      attempt: "1.1",
    },
  };
}

const dump = (id: string, startedAt: string): { [key: string]: Json } => ({
  kind: "pgDump",
  backupId: id,
  folder: `.cutover/backups/${id}`,
  sha256: "s",
  bytes: 5,
  startedAt,
  finishedAt: "2026-11-21T00:00:00.000Z",
});

const manual = (id: string, takenAt: string, service = "gim-t100"): EntryBody => ({
  kind: "backup",
  service,
  backupId: id,
  folder: `b/${id}`,
  sha256: "s",
  bytes: 7,
  takenAt,
  by: "anna",
});

describe("known backups", () => {
  it("come from runs and from `cutover backup`, newest first", () => {
    const known = knownBackups([
      page(1, receipt(dump("dev/gim-t100/1", "2026-11-20T10:00:00.000Z"))),
      page(2, manual("dev/gim-t100/manual-1", "2026-11-22T10:00:00.000Z")),
      page(3, receipt(dump("dev/gim-t100/3", "2026-11-21T10:00:00.000Z"))),
    ]);
    assert.deepEqual(
      known.map(({ id, origin }) => [id, origin]),
      [
        ["dev/gim-t100/manual-1", "anna"],
        ["dev/gim-t100/3", "run 3"],
        ["dev/gim-t100/1", "run 1"],
      ],
    );
  });

  it("a dump is as old as its beginning, not its end: what was written meanwhile is not in it", () => {
    const [known] = knownBackups([page(1, receipt(dump("x/1", "2026-11-20T10:00:00.000Z")))]);
    assert.equal(known?.takenAt, "2026-11-20T10:00:00.000Z");
  });

  it("leave out failed ones, and list one that a later attempt kept once", () => {
    const kept = receipt({ ...dump("x/1", "2026-11-20T10:00:00.000Z"), takenInAttempt: "1.1" });
    const known = knownBackups([
      page(1, receipt(dump("x/1", "2026-11-20T10:00:00.000Z")), kept, receipt(dump("x/2", ""), "failed")),
    ]);
    assert.deepEqual(
      known.map(({ id }) => id),
      ["x/1"],
    );
  });
});

describe("finding a backup", () => {
  const known = knownBackups([
    page(
      1,
      manual("dev/gim-t100/1", "2026-11-20T10:00:00.000Z"),
      manual("dev/gim-t200/1", "2026-11-20T11:00:00.000Z", "gim-t200"),
    ),
    page(2, manual("dev/gim-t100/2", "2026-11-21T10:00:00.000Z")),
  ]);
  const refused = (named: string, service?: string) =>
    assert.throws(
      () => findBackup(known, named, service),
      (error) => error instanceof CutoverError && error.details.code === "CUT-6300" && error.details.exitCode === 2,
    );

  it("by its id, by the end of it, or the latest of a service", () => {
    assert.equal(findBackup(known, "dev/gim-t200/1").service, "gim-t200");
    assert.equal(findBackup(known, "gim-t100/1").id, "dev/gim-t100/1");
    assert.equal(findBackup(known, "1", "gim-t200").id, "dev/gim-t200/1");
    assert.equal(findBackup(known, "latest", "gim-t100").id, "dev/gim-t100/2");
  });

  it("is refused when several services fit, when none fits, and for half a word", () => {
    refused("1");
    refused("latest");
    refused("7");
    refused("00/1");
    refused("dev/gim-t200/1", "gim-t100");
  });
});
