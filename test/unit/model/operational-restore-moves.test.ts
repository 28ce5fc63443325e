import assert from "node:assert/strict";
import fc from "fast-check";
import {
  afterMove,
  isKeptName,
  leftByOtherRestores,
  namesBeside,
  nextRestoreMove,
  stampOf,
  type DatabasesAround,
  type DatabaseState,
} from "../../../model/operational/restore-moves.ts";

const states: DatabaseState[] = ["absent", "partial", "online", "unusable"];
const anyState = fc.constantFrom(...states);
const anyAround = fc.record({ original: anyState, restored: anyState, replaced: anyState });

describe("moves of a restore", () => {
  it("from any beginning, killed anywhere, it ends with the backup in place and the old database kept", () => {
    const begin = fc.constantFrom<DatabaseState>("online", "unusable", "absent");
    fc.assert(
      fc.property(begin, fc.nat(4), fc.boolean(), (original, stop, half) => {
        let around: DatabasesAround = { original, restored: "absent", replaced: "absent" };
        const moves: string[] = [];
        for (let step = 0; step < 12; step += 1) {
          const move = nextRestoreMove(around);
          assert.notEqual(move, null, JSON.stringify(around));
          if (move === null || move === "done") break;
          moves.push(move);
          // A kill in the middle of the restore itself leaves a database that is not complete.
          around =
            step === stop && half && move === "restore" ? { ...around, restored: "partial" } : afterMove(around, move);
          if (moves.at(-1) === "putInPlace" && original === "absent") break;
        }
        assert.equal(around.original, "online");
        assert.equal(around.restored, "absent");
        assert.equal(around.replaced, original === "absent" ? "absent" : original);
      }),
    );
  });

  it("nothing but a half made restored database is ever dropped, and the old one never moves before its successor is complete", () => {
    fc.assert(
      fc.property(anyAround, (around) => {
        const move = nextRestoreMove(around);
        if (move === "dropPartial") assert.equal(around.restored, "partial");
        if (move === "setAside") assert.deepEqual([around.restored, around.replaced], ["online", "absent"]);
        if (move === "putInPlace") assert.deepEqual([around.restored, around.original], ["online", "absent"]);
        if (move === "restore") assert.equal(around.restored, "absent");
        if (move !== null) assert.notEqual(around.original, "partial");
      }),
    );
  });

  it("both names taken and a third database beside: a person has to look", () => {
    assert.equal(nextRestoreMove({ original: "online", restored: "online", replaced: "online" }), null);
    assert.equal(nextRestoreMove({ original: "unusable", restored: "absent", replaced: "online" }), null);
  });

  it("names fit both providers, differ for different databases and carry the stamp", () => {
    const name = fc.string({ minLength: 1, maxLength: 128, unit: "grapheme" }).filter((text) => text.length <= 128);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 2 }), ([a = "", b = ""]) => {
        for (const provider of ["sqlserver", "postgresql"] as const) {
          const [one, other] = [
            namesBeside(a, "20261122_191422", provider),
            namesBeside(b, "20261122_191422", provider),
          ];
          assert.equal(new Set([...Object.values(one), ...Object.values(other)]).size, 6);
          for (const long of [one.restored, one.replaced]) {
            const length = provider === "sqlserver" ? long.length : Buffer.byteLength(long);
            assert.ok(length <= (provider === "sqlserver" ? 128 : 63), long);
          }
          assert.ok(isKeptName(one.replaced));
          assert.ok(!isKeptName(one.restored));
        }
      }),
    );
  });

  it("a restore with another stamp is seen by what it left; its own and other databases' are not", () => {
    const left = [
      "Pulse_restore_20261121_101010",
      "Pulse_Logging_restore_20261121_101010",
      "Pulse_restore_20261122_191422",
    ];
    assert.deepEqual(leftByOtherRestores("Pulse", "20261122_191422", "sqlserver", left), [
      "Pulse_restore_20261121_101010",
    ]);
    const long = "x".repeat(60);
    const own = namesBeside(long, "20261121T101010Z", "postgresql").restored;
    assert.deepEqual(leftByOtherRestores(long, "20261122_191422", "postgresql", [own]), [own]);
    assert.equal(stampOf(new Date("2026-11-22T19:14:22.123Z")), "20261122_191422");
    assert.ok(
      !isKeptName("Pulse") && !isKeptName("_replaced_20261122_191422") && isKeptName("Pulse_replaced_20261122T191422Z"),
    );
  });
});
