import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPages } from "../../../automation/reports/ledger-check.ts";
import { ledger } from "../../../automation/verbs/ledger.ts";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import { headOf } from "../../../model/ledger.ts";
import { makePages } from "../model/ledger-pages.ts";
import { openVerbWorld, stack, type VerbWorld } from "./verb-runner.ts";

const page = (number: number): string => `page-${String(number).padStart(6, "0")}.json`;

describe("the verb ledger", () => {
  let world: VerbWorld;
  beforeEach(async () => {
    world = openVerbWorld();
    for (const reason of ["one", "two", "three"]) await world.ledger.append({ kind: "hold", reason, by: "anna" });
  });
  afterEach(() => world.remove());
  const change = (folder: string, number: number, edit: (text: string) => string): void => {
    const file = join(folder, page(number));
    writeFileSync(file, edit(readFileSync(file, "utf8")));
  };

  it("calls a whole ledger whole", async () => {
    const run = await world.run(ledger, {});
    assert.equal(run.exitCode, 0);
    assert.match(run.text, /3 page\(s\), 3 entries, head [0-9a-f]{64}[^]*every hash and every link is right/);
  });

  it("names the page and the entry that somebody changed, and ends with 20", async () => {
    change(world.folder, 2, (text) => text.replace("two", "2wo"));
    const run = await world.run(ledger, {});
    assert.equal(run.exitCode, 20);
    assert.match(run.text, /damaged: page 2 \(ConfigMap ledger-infomart-dev-000002\), entry 0, hold: its content/);
    assert.match(run.text, /next: restore/);
  });

  it("names a page that is gone or is no page", async () => {
    change(world.folder, 2, () => "{}");
    const unreadable = await world.run(ledger, {});
    assert.equal(unreadable.exitCode, 20);
    assert.match(unreadable.text, /CUT-5004.*page-000002/);
    rmSync(join(world.folder, page(2)));
    assert.match((await world.run(ledger, {})).text, /page 2 is missing/);
  });

  it("sees a cut tail by the head that was kept elsewhere, and only by that", () => {
    const pages = makePages([1, 2, 3].map((number) => [{ kind: "note", text: `page ${number}` }]));
    const anchor = { head: headOf(pages) };
    assert.deepEqual(checkPages(pages, anchor).problems, []);
    assert.match(checkPages(pages.slice(0, 2), anchor).problems.join(), /the tail was cut/);
    assert.match(checkPages([], anchor).problems.join(), /the tail was cut/);
    assert.deepEqual(checkPages(pages.slice(0, 2), { head: null, why: "no state" }).problems, []);
    // Entries after the kept head are no damage: the state only has the head of the last finished run.
    assert.deepEqual(checkPages(pages, { head: headOf(pages.slice(0, 2)) }).problems, []);
  });

  it("exports with the chain as it is, and carries an earlier export on", async () => {
    const folder = join(world.folder, "../export");
    const first = await world.run(ledger, {}, { export: folder });
    assert.match(first.text, /3 page\(s\) written/);
    await world.ledger.append({ kind: "hold", reason: "four", by: "anna" });
    assert.match(
      (await world.run(ledger, {}, { export: folder })).text,
      /1 page\(s\) written to .*, 3 were there already/,
    );
    assert.deepEqual(await openFileLedger({ stack, folder }).pages(), await world.ledger.pages());
  });

  it("does not overwrite an export that knows more or something else", async () => {
    const folder = join(world.folder, "../export");
    await world.run(ledger, {}, { export: folder });
    rmSync(join(world.folder, page(3)));
    await assert.rejects(world.run(ledger, {}, { export: folder }), /CUT-6255/);
    assert.equal((await openFileLedger({ stack, folder }).pages()).length, 3);
  });

  it("does not export a damaged ledger", async () => {
    const folder = join(world.folder, "../export");
    change(world.folder, 1, (text) => text.replace("one", "0ne"));
    assert.equal((await world.run(ledger, {}, { export: folder })).exitCode, 20);
    assert.deepEqual(await openFileLedger({ stack, folder }).pages(), []);
  });
});
