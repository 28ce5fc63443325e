import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, chain, genesisHash, headOf, sha256, type Entry } from "../../../model/ledger.ts";
import { makePages, passedRun } from "./ledger-pages.ts";

const targets = [{ service: "gim", digest: "d1", releaseSet: "r2026-08" }];

function isLink(entry: Entry, previous: string): boolean {
  const { hash, ...unhashed } = entry;
  return entry.previous === previous && hash === sha256(canonicalJson(unhashed));
}

describe("the ledger's chain", () => {
  it("links every entry to the one before, over page borders too", () => {
    const pages = makePages([passedRun(1, targets), [{ kind: "hold", reason: "x" }], passedRun(3, targets)]);
    let previous = genesisHash;
    for (const entry of pages.flatMap((page) => page.entries)) {
      assert.ok(isLink(entry, previous));
      previous = entry.hash;
    }
    assert.equal(headOf(pages), previous);
    assert.equal(headOf([]), genesisHash);
  });

  it("changes with any change of text, time or predecessor", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(1000), fc.nat(1000), (left, right, a, b) => {
        const one = chain(sha256(String(a)), "2026-11-01T00:00:00.000Z", { kind: "note", text: left });
        const two = chain(sha256(String(b)), "2026-11-01T00:00:00.000Z", { kind: "note", text: right });
        assert.equal(one.hash === two.hash, left === right && a === b);
        assert.notEqual(one.hash, chain(one.previous, "2026-11-01T00:00:00.001Z", { kind: "note", text: left }).hash);
      }),
    );
  });

  it("does not depend on the order of keys, nor on a trip through JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed: unknown = JSON.parse(canonicalJson(value));
        assert.equal(canonicalJson(parsed), canonicalJson(value));
      }),
    );
    assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: null }), canonicalJson({ a: null, b: [{ c: 2, d: 1 }] }));
  });

  it("keeps the order of lists", () => {
    assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
  });
});
