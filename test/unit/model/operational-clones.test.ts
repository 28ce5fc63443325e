import assert from "node:assert/strict";
import fc from "fast-check";
import { nextCloneMove } from "../../../model/operational/clone-moves.ts";
import { cloneNameProblems, cloneNames } from "../../../model/operational/clone-names.ts";
import { fileMoves } from "../../../model/operational/file-moves.ts";
import { toPositional } from "../../../model/operational/named-parameters.ts";
import { rowDifferences } from "../../../model/operational/row-counts.ts";

const around = fc.record({
  target: fc.constantFrom("absent" as const, "partial" as const, "online" as const, "unusable" as const),
  begun: fc.boolean(),
  finished: fc.boolean(),
  sameRows: fc.constantFrom(true, false, null),
});

describe("moves of a clone", () => {
  it("a database that this run did not begin is never remade, kept or looked into", () => {
    fc.assert(
      fc.property(around, (one) => {
        const move = nextCloneMove({ ...one, begun: false });
        assert.equal(move, one.target === "absent" ? "make" : "refuse");
      }),
    );
  });

  it("only what is half made, and was never finished, is removed", () => {
    fc.assert(
      fc.property(around, (one) => {
        if (nextCloneMove(one) !== "remake") return;
        assert.deepEqual([one.target, one.begun, one.finished], ["partial", true, false]);
      }),
    );
  });

  it("a finished clone is kept whatever its rows are: it may have been migrated since", () => {
    const finished = { target: "online", begun: true, finished: true, sameRows: false } as const;
    assert.equal(nextCloneMove(finished), "keep");
    assert.equal(nextCloneMove({ ...finished, finished: false }), "changed");
    assert.equal(nextCloneMove({ ...finished, finished: false, sameRows: null }), "compare");
  });
});

describe("names of clones", () => {
  it("on the same server a clone must not have the name of any database of the source", () => {
    const facts = { provider: "sqlserver", sameServer: true } as const;
    assert.match(
      cloneNameProblems(cloneNames("${database}", ["Pulse"]), facts)[0] ?? "",
      /Pulse would be called Pulse/,
    );
    assert.match(cloneNameProblems(cloneNames("PULSE", ["Pulse"]), facts)[0] ?? "", /same server/);
    assert.deepEqual(cloneNameProblems(cloneNames("${database}", ["Pulse"]), { ...facts, sameServer: false }), []);
    assert.deepEqual(cloneNameProblems(cloneNames("v7_${database}", ["Pulse", "Interaction_a"]), facts), []);
  });

  it("two clones of one name, and names that the server would cut, are refused", () => {
    const names = cloneNames("Copy", ["Pulse", "Pulse_Logging"]);
    assert.match(
      cloneNameProblems(names, { provider: "postgresql", sameServer: false })[0] ?? "",
      /both be called Copy/,
    );
    const long = cloneNames("${database}_clone", ["ä".repeat(30)]);
    assert.match(cloneNameProblems(long, { provider: "postgresql", sameServer: false })[0] ?? "", /longer than 63/);
    assert.deepEqual(cloneNameProblems(long, { provider: "sqlserver", sameServer: false }), []);
  });
});

describe("places for a backup's files", () => {
  const file = (LogicalName: string, Type: string, PhysicalName: string) => ({ LogicalName, Type, PhysicalName });

  it("every file gets a place of its own, logs in the log folder, with the folder's own separator", () => {
    const files = [
      file("Pulse", "D", "C:\\Data\\Pulse.mdf"),
      file("Pulse_2", "D", "C:\\Data\\more.ndf"),
      file("Pulse_log", "L", "C:\\Data\\Pulse.ldf"),
      file("Docs", "S", "C:\\Data\\Docs"),
      file("Text", "F", "C:\\Data\\Text"),
    ];
    const moves = fileMoves(files, { database: "v7_Pulse", dataFolder: "D:\\SQL\\", logFolder: "/log" });
    assert.deepEqual(
      moves.map(({ physical }) => physical),
      [
        "D:\\SQL\\v7_Pulse~Pulse.mdf",
        "D:\\SQL\\v7_Pulse~Pulse_2.ndf",
        "/log/v7_Pulse~Pulse_log.ldf",
        "D:\\SQL\\v7_Pulse~Docs",
        "D:\\SQL\\v7_Pulse~Text.ndf",
      ],
    );
  });

  it("a place that another database has is left to it, whatever its case: renamed databases keep their files", () => {
    const files = [file("Pulse", "D", "/x/Pulse.mdf"), file("Pulse_2", "D", "/x/more.mdf")];
    const taken = new Set(["/data/pulse~pulse.mdf", "/data/pulse~pulse_3.mdf"]);
    const moves = fileMoves(files, { database: "Pulse", dataFolder: "/data", logFolder: "/log" }, taken);
    assert.deepEqual(
      moves.map(({ physical }) => physical),
      ["/data/Pulse~Pulse_2.mdf", "/data/Pulse~Pulse_2_2.mdf"],
    );
  });

  it("no two files of two databases ever meet, and no name leaves its folder", () => {
    const name = fc.string({ minLength: 1, maxLength: 20 });
    const listing = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (one) => one.toLowerCase() });
    fc.assert(
      fc.property(listing, name, name, (logical, a, b) => {
        fc.pre(a.toLowerCase() !== b.toLowerCase());
        const rows = logical.map((one) => file(one, "D", `/x/${one}.mdf`));
        const places = (database: string) =>
          fileMoves(rows, { database, dataFolder: "/data", logFolder: "/log" }).map(({ physical }) => physical);
        const all = [...places(a), ...places(b)];
        assert.equal(new Set(all.map((path) => path.toLowerCase())).size, all.length);
        for (const path of all) assert.match(path, /^\/data\/[^/\\]+$/);
      }),
    );
  });
});

describe("parameters of the user's statements on PostgreSQL", () => {
  it("@names become $n once each; texts, comments, operators and unknown names stay", () => {
    const sql = `UPDATE s SET v = @value -- @tenant's
      WHERE t = @tenant AND n = '@setting' AND "@tenant" @> j AND k @@ q AND m = @other AND @value <> $$@tenant$$`;
    const { sql: text, names } = toPositional(sql, ["tenant", "setting", "value"]);
    assert.deepEqual(names, ["value", "tenant"]);
    assert.match(text, /v = \$1 -- @tenant's/);
    assert.match(
      text,
      /t = \$2 AND n = '@setting' AND "@tenant" @> j AND k @@ q AND m = @other AND \$1 <> \$\$@tenant\$\$/,
    );
  });
});

describe("rows of a backup and of what was restored from it", () => {
  it("names each table that is missing, added or of another size", () => {
    assert.deepEqual(rowDifferences({ a: 1, b: 2, constructor: 3 }, { a: 1, b: 3, c: 4 }), [
      "b: 3 rows, 2 in the backup",
      "c: 4 rows, the table is not in the backup",
      "constructor: the table is not there, 3 rows in the backup",
    ]);
  });
});
