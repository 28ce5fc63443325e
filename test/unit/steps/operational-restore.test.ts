import assert from "node:assert/strict";
import fc from "fast-check";
import type { PlatformBackup } from "../../../model/platform-backup.ts";
import { makeClones, type CloneRecord } from "../../../steps/operational/clone.ts";
import { renameAsideOn } from "../../../steps/operational/rename-aside.ts";
import { restoreOn } from "../../../steps/operational/restore.ts";
import { Killed, memoryBackup, memoryHost, type MemoryHost } from "./memory-host.ts";

const context = { signal: new AbortController().signal, progress: () => undefined };
const stamp = "20261122_191422";
const names = ["Pulse", "Interaction_a", "InteractionAudit_a"];
const backup: PlatformBackup = {
  id: "redpoint-dev/platform/3",
  takenAt: "2026-11-22T10:00:00.000Z",
  finishedAt: "2026-11-22T10:05:00.000Z",
  databases: names.map((name) => memoryBackup(name, `v6 ${name}`)),
  tables: [],
  nodes: [],
};
const migrated = Object.fromEntries(names.map((name) => [name, `v7 of ${name}`]));
const contents = (host: MemoryHost) =>
  Object.fromEntries([...host.databases].map(([name, { content }]) => [name, content]));

describe("restore of all databases of a platform", () => {
  it("killed at any moment and started again, all are back, all replaced ones kept, and no content was ever lost", async () => {
    const kills = fc.record({ killAt: fc.integer({ min: 1, max: 12 }), killAfter: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(kills, async (kill) => {
        const first = memoryHost({ databases: migrated, ...kill });
        await restoreOn(first, context, backup, { stamp }).catch((error: unknown) => {
          assert.ok(error instanceof Killed, String(error));
        });
        for (const content of Object.values(migrated)) {
          assert.ok(Object.values(contents(first)).includes(content), `${content} is lost`);
        }
        const second = memoryHost({ databases: {} });
        for (const [name, database] of first.databases) second.databases.set(name, database);
        const restored = await restoreOn(second, context, backup, { stamp });
        assert.deepEqual(
          restored.map(({ database, kept }) => [database, kept]),
          names.map((name) => [name, `${name}_replaced_${stamp}`]),
        );
        const expected = names.flatMap((name) => [
          [name, `v6 ${name}`],
          [`${name}_replaced_${stamp}`, `v7 of ${name}`],
        ]);
        assert.deepEqual(contents(second), Object.fromEntries(expected));
      }),
    );
  });

  it("one damaged backup among many: nothing is touched", async () => {
    const host = memoryHost({ databases: migrated, damaged: ["InteractionAudit_a"] });
    await assert.rejects(restoreOn(host, context, backup, { stamp }), /InteractionAudit_a is damaged/);
    assert.deepEqual(contents(host), migrated);
    assert.deepEqual(host.done, ["verify Pulse", "verify Interaction_a", "verify InteractionAudit_a"]);
  });

  it("nothing is swapped before everything is restored and compared", async () => {
    const host = memoryHost({ databases: migrated });
    const phases: string[] = [];
    await restoreOn(host, context, backup, {
      stamp,
      onPhase: async (phase) => void phases.push(`${phase} ${host.done.length}`),
    });
    assert.deepEqual(phases, ["verified 3", "restored 6", "swapped 12"]);
    const short = { ...backup, databases: backup.databases.map((one) => ({ ...one, rows: { rows: 99 } })) };
    const wrong = memoryHost({ databases: migrated });
    await assert.rejects(restoreOn(wrong, context, short, { stamp }), /CUT-5540/);
    for (const name of names) assert.equal(wrong.databases.get(name)?.content, `v7 of ${name}`);
  });

  it("a database that is gone altogether comes back; nothing is kept of it", async () => {
    const host = memoryHost({ databases: { Pulse: "v7 of Pulse" } });
    const restored = await restoreOn(host, context, backup, { stamp });
    assert.deepEqual(
      restored.map(({ kept }) => kept),
      [`Pulse_replaced_${stamp}`, null, null],
    );
    assert.equal(host.databases.get("Interaction_a")?.content, "v6 Interaction_a");
  });

  it("a second restore with another stamp is refused while the first is unfinished", async () => {
    const host = memoryHost({ databases: migrated, killAt: 4, killAfter: true });
    await assert.rejects(restoreOn(host, context, backup, { stamp }), Killed);
    const before = contents(host);
    await assert.rejects(restoreOn(host, context, backup, { stamp: "20261123_000000" }), /CUT-5543/);
    assert.deepEqual(contents(host), before);
  });

  it("somebody made a database of the old name in between: nobody guesses, a person is asked", async () => {
    const host = memoryHost({ databases: migrated, killAt: 4, killAfter: true });
    await assert.rejects(restoreOn(host, context, backup, { stamp }), Killed);
    host.databases.set("Pulse", { state: "online", content: "made by hand" });
    const before = contents(host);
    await assert.rejects(restoreOn(host, context, backup, { stamp }), /CUT-5541/);
    assert.deepEqual(contents(host), before);
  });

  it("clones are put aside under new names and the call can be repeated", async () => {
    const host = memoryHost({ databases: migrated, killAt: 2 });
    await assert.rejects(renameAsideOn(host, context, { databases: names, stamp }), Killed);
    const aside = await renameAsideOn(host, context, { databases: [...names, "Gone"], stamp });
    assert.deepEqual(aside.at(-1), { database: "Gone", kept: null });
    assert.deepEqual([...host.databases.keys()].sort(), names.map((name) => `${name}_replaced_${stamp}`).sort());
  });
});

describe("clones of all databases of a platform", () => {
  const wanted = new Map(names.map((name) => [name, `copy_${name}`]));
  const recordOf = (begun: Set<string>, finished = false): CloneRecord => ({
    begun: (clone) => begun.has(clone),
    finished,
    begin: async (clone) => void begun.add(clone),
  });
  const clone = (target: MemoryHost, record: CloneRecord) =>
    makeClones(context, { target, backups: backup.databases, names: wanted, record });

  it("killed at any moment and started again, every clone is whole, and the others' databases are untouched", async () => {
    const kills = fc.record({ killAt: fc.integer({ min: 1, max: 5 }), killAfter: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(kills, async (kill) => {
        const begun = new Set<string>();
        const host = memoryHost({ databases: { other: "somebody's" }, ...kill });
        await clone(host, recordOf(begun)).catch((error: unknown) => assert.ok(error instanceof Killed));
        await clone(host, recordOf(begun));
        const expected = names.map((name) => [`copy_${name}`, `v6 ${name}`]);
        assert.deepEqual(contents(host), { other: "somebody's", ...Object.fromEntries(expected) });
      }),
    );
  });

  it("one wanted name is taken by somebody else: refused by name, and not one clone is begun", async () => {
    const host = memoryHost({ databases: { copy_InteractionAudit_a: "somebody's" } });
    await assert.rejects(clone(host, recordOf(new Set())), /CUT-5506 copy_InteractionAudit_a/);
    assert.deepEqual(host.done, []);
  });

  it("rows that differ are named; a clone that was finished is kept even when its rows have changed", async () => {
    const begun = new Set<string>();
    const host = memoryHost({ databases: {} });
    await clone(host, recordOf(begun));
    host.databases.set("copy_Pulse", { state: "online", content: "migrated by v7" });
    await assert.rejects(clone(host, recordOf(begun)), /CUT-5507 copy_Pulse was made by this run/);
    const kept = await clone(host, recordOf(begun, true));
    assert.deepEqual(
      kept.map((one) => one.kept),
      [true, true, true],
    );
  });
});
