import assert from "node:assert/strict";
import fc from "fast-check";
import { quoteIdentifier, quoteLiteral, quoteQualifiedName, splitQualifiedName } from "../../../clients/sql-quoting.ts";
import { CutoverError } from "../../../model/error.ts";

const name = fc
  .string({ minLength: 1, maxLength: 15, unit: "binary" })
  .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text) && Buffer.byteLength(text) <= 63);

describe("SQL quoting", () => {
  it("property: a quoted name is read back as exactly that name, whatever it holds", () => {
    fc.assert(
      fc.property(name, name, (schema, table) => {
        assert.deepEqual(splitQualifiedName(quoteQualifiedName(schema, table)), [schema, table]);
      }),
    );
  });

  it("property: nothing inside a quoted name or literal can end it", () => {
    fc.assert(
      fc.property(name, (text) => {
        const identifier = quoteIdentifier(text);
        assert.match(identifier, /^"(?:[^"]|"")+"$/s);
        const literal = quoteLiteral(text);
        assert.match(literal, literal.startsWith("E") ? /^E'(?:[^'\\]|''|\\\\)*'$/s : /^'(?:[^'\\]|'')*'$/s);
      }),
    );
  });

  it("folds bare names as PostgreSQL does and keeps quoted ones", () => {
    assert.deepEqual(splitQualifiedName("GIM.CALL_FACT"), ["gim", "call_fact"]);
    assert.deepEqual(splitQualifiedName('gim."Call.Fact"'), ["gim", "Call.Fact"]);
    assert.deepEqual(splitQualifiedName('"a""b"'), ['a"b']);
  });

  for (const wrong of ["", ".", "a.", ".a", "a..b", "a b", 'a"b', '"open', '""']) {
    it(`refuses ${JSON.stringify(wrong)} as a name`, () => {
      assert.throws(
        () => splitQualifiedName(wrong),
        (error) => error instanceof CutoverError && error.details.code === "CUT-4201",
      );
    });
  }

  it("refuses names that PostgreSQL would cut silently, NUL and lone surrogates", () => {
    assert.equal(quoteIdentifier("x".repeat(63)).length, 65);
    for (const wrong of ["x".repeat(64), "é".repeat(32), "a\0b", "", "\ud800"])
      assert.throws(() => quoteIdentifier(wrong), CutoverError);
  });
});
