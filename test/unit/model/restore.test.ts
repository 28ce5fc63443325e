import assert from "node:assert/strict";
import * as fc from "fast-check";
import { CutoverError } from "../../../model/error.ts";
import { chain, genesisHash, type Page } from "../../../model/ledger.ts";
import {
  keptDatabase,
  nextMove,
  restoreNames,
  unfinishedRestore,
  type DatabasesThere,
  type RestorePhase,
  type RestorePlan,
} from "../../../model/restore.ts";

const names = restoreNames("infomart_t100", new Date("2026-11-22T19:14:22.345Z"));
const plan: RestorePlan = {
  ...names,
  folder: "b",
  sha256: "s",
  backupTakenAt: "2026-11-22T10:00:00.000Z",
  begunAt: "2026-11-22T19:14:22.345Z",
  workloads: [],
  leaveStopped: false,
};

describe("names of the databases of a restore", () => {
  it("say what they are and when", () => {
    assert.deepEqual(names, {
      database: "infomart_t100",
      restored: "infomart_t100_restore_20261122_191422",
      replaced: "infomart_t100_replaced_20261122_191422",
    });
  });

  it("are never cut by PostgreSQL, never equal, and differ for different databases", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .filter((text) => Buffer.byteLength(text) <= 63);
    fc.assert(
      fc.property(name, name, (one, other) => {
        const [first, second] = [restoreNames(one, new Date()), restoreNames(other, new Date())];
        for (const made of [first.restored, first.replaced]) assert.ok(Buffer.byteLength(made) <= 63, made);
        assert.equal(new Set([first.database, first.restored, first.replaced]).size, 3);
        if (one !== other) assert.notEqual(first.replaced, second.replaced);
      }),
    );
  });
});

/** What each move does to the databases: the same order as automation/database/restore.ts. */
function after(there: DatabasesThere, move: ReturnType<typeof nextMove>): DatabasesThere {
  switch (move) {
    case "restoreAnew":
      return { ...there, restored: true };
    case "swap":
    case "finishSwap":
      return { original: true, restored: false, replaced: true };
    case "start":
    case null:
      return there;
  }
}

describe("the next move of a restore", () => {
  it("from a fresh start: restore, swap, start", () => {
    const moves: string[] = [];
    let there: DatabasesThere = { original: true, restored: false, replaced: false };
    let phase: RestorePhase = "begun";
    for (let turn = 0; turn < 5; turn += 1) {
      const move = nextMove(there, phase);
      moves.push(String(move));
      there = after(there, move);
      if (move === "restoreAnew") phase = "restored";
      if (move === "start") break;
    }
    assert.deepEqual(moves, ["restoreAnew", "swap", "start"]);
  });

  it("killed at any point of any move, it still reaches the start, and the old database is never without a name", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("crash", "done"), { maxLength: 20 }), (turns) => {
        let there: DatabasesThere = { original: true, restored: false, replaced: false };
        let phase: RestorePhase = "begun";
        const work = [...turns, "done", "done", "done"];
        let move: ReturnType<typeof nextMove> = null;
        for (const turn of work) {
          move = nextMove(there, phase);
          assert.notEqual(move, null, JSON.stringify({ there, phase }));
          if (move === "start") break;
          // A crash may come after the deed and before its record.
          there = after(there, move);
          if (turn === "done") phase = move === "restoreAnew" ? "restored" : "swapped";
          assert.ok(there.original || there.replaced);
        }
        assert.equal(move, "start");
      }),
    );
  });

  it("a half restored database is never swapped in: it is restored anew", () => {
    const there = { original: true, restored: true, replaced: false };
    for (const phase of ["begun", "stopped"] as const) assert.equal(nextMove(there, phase), "restoreAnew");
    assert.equal(nextMove(there, "restored"), "swap");
  });

  it("the old one renamed, the new one not yet: the swap is finished", () => {
    assert.equal(nextMove({ original: false, restored: true, replaced: true }, "restored"), "finishSwap");
  });

  it("nothing is guessed where somebody changed databases by hand", () => {
    assert.equal(nextMove({ original: false, restored: false, replaced: true }, "restored"), null);
    assert.equal(nextMove({ original: false, restored: true, replaced: false }, "restored"), null);
    assert.equal(nextMove({ original: true, restored: true, replaced: true }, "restored"), null);
    assert.equal(nextMove({ original: true, restored: true, replaced: false }, "swapped"), null);
  });
});

describe("restores in the ledger", () => {
  const pages = (...phases: [id: string, service: string, phase: RestorePhase][]): Page[] =>
    phases.map(([id, service, phase], index) => ({
      stack: "dev",
      number: index + 1,
      open: false,
      entries: [
        chain(genesisHash, "2026-11-22T10:00:00.000Z", {
          kind: "restore",
          id,
          service,
          backupId: "x/1",
          phase,
          plan: { ...plan, replaced: `${id}_kept` },
          reason: "",
          by: "anna",
        }),
      ],
    }));

  it("one that is neither ended nor undone has to be finished; another service's is not meant", () => {
    const some = pages(["a", "gim-t100", "begun"], ["a", "gim-t100", "stopped"], ["b", "gim-t200", "swapped"]);
    assert.equal(unfinishedRestore(some, "gim-t100")?.phase, "stopped");
    assert.equal(unfinishedRestore(some, "gsp"), null);
    assert.equal(unfinishedRestore([...some, ...pages(["a", "gim-t100", "undone"])], "gim-t100")?.phase, "stopped");
    assert.equal(unfinishedRestore(pages(["a", "gim-t100", "begun"], ["a", "gim-t100", "ended"]), "gim-t100"), null);
  });

  it("only a database that a finished restore replaced can be removed", () => {
    const some = pages(["a", "gim-t100", "ended"], ["b", "gim-t100", "stopped"]);
    assert.equal(keptDatabase(some, "a_kept").id, "a");
    for (const name of ["b_kept", "infomart_t100"]) {
      assert.throws(
        () => keptDatabase(some, name),
        (error) => error instanceof CutoverError && error.details.code === "CUT-6312",
      );
    }
  });
});
