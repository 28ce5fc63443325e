import assert from "node:assert/strict";
import fc from "fast-check";
import { chain, genesisHash, headOf, type Page } from "../../../model/ledger.ts";
import { verifyPages } from "../../../model/ledger-verify.ts";

/** A sound ledger with that many entries on each page; only the last page may be open. */
function ledgerOf(sizes: readonly number[], lastOpen: boolean): Page[] {
  let previous = genesisHash;
  return sizes.map((size, index) => ({
    stack: "infomart-dev",
    number: index + 1,
    open: lastOpen && index === sizes.length - 1,
    entries: Array.from({ length: size }, (_unused, number) => {
      const body = { kind: "note" as const, text: `note ${index}.${number}` };
      const entry = chain(previous, `2026-11-22T15:00:0${number % 10}.000Z`, body);
      previous = entry.hash;
      return entry;
    }),
  }));
}

const ledgers = fc.tuple(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }), fc.boolean());

describe("the ledger's chain", () => {
  it("finds nothing wrong with a sound ledger, in whatever order its pages come", () => {
    fc.assert(
      fc.property(ledgers, ([sizes, open]) => {
        const pages = ledgerOf(sizes, open);
        assert.deepEqual(verifyPages([...pages].reverse(), headOf(pages)), []);
      }),
    );
  });

  it("finds every edited entry and names it", () => {
    fc.assert(
      fc.property(ledgers, fc.nat(), fc.nat(), ([sizes, open], a, b) => {
        const pages = ledgerOf(sizes, open);
        const page = pages[a % pages.length];
        assert.ok(page);
        const index = b % page.entries.length;
        const entry = page.entries[index];
        assert.ok(entry?.kind === "note");
        page.entries[index] = { ...entry, text: `${entry.text}!` };
        const problems = verifyPages(pages);
        assert.deepEqual(problems[0], {
          page: page.number,
          entry: index,
          problem: "its content does not match its hash",
        });
      }),
    );
  });

  it("finds an edited entry whose hash was made to fit again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (sizes, which) => {
          const pages = ledgerOf(sizes, false);
          const page = pages[which % pages.length];
          const [first, second] = page?.entries ?? [];
          assert.ok(page && first && second);
          page.entries[0] = chain(first.previous, first.at, { kind: "note", text: "another story" });
          assert.deepEqual(verifyPages(pages)[0], {
            page: page.number,
            entry: 1,
            problem: "does not follow the entry before it",
          });
        },
      ),
    );
  });

  it("finds every exchange of two entries and every removed one", () => {
    fc.assert(
      fc.property(ledgers, fc.nat(), fc.nat(), ([sizes, open], a, b) => {
        const pages = ledgerOf(sizes, open);
        const flat = pages.flatMap((page) => page.entries.map((_entry, index) => ({ page, index })));
        const [one, other] = [flat[a % flat.length], flat[b % flat.length]];
        assert.ok(one && other);
        const head = headOf(pages);
        if (one !== other) {
          const [x, y] = [one.page.entries[one.index], other.page.entries[other.index]];
          assert.ok(x && y);
          one.page.entries[one.index] = y;
          other.page.entries[other.index] = x;
        } else {
          one.page.entries.splice(one.index, 1);
        }
        assert.notDeepEqual(verifyPages(pages, head), []);
      }),
    );
  });

  it("finds a missing page, and a cut tail by the head kept elsewhere", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 5 }),
        fc.nat(),
        (sizes, which) => {
          const pages = ledgerOf(sizes, false);
          const head = headOf(pages);
          const gone = which % pages.length;
          const rest = pages.filter((_page, index) => index !== gone);
          assert.notDeepEqual(verifyPages(rest, head), []);
        },
      ),
    );
    const pages = ledgerOf([2, 2], false);
    const cut = pages.slice(0, 1);
    assert.deepEqual(verifyPages(cut), [], "a chain alone cannot see that its tail was cut");
    assert.match(verifyPages(cut, headOf(pages))[0]?.problem ?? "", /tail was cut/);
  });

  it("finds a page that is open below later ones", () => {
    const pages = ledgerOf([1, 1], false);
    assert.ok(pages[0]);
    pages[0].open = true;
    assert.match(verifyPages(pages)[0]?.problem ?? "", /open although later pages exist/);
  });
});
