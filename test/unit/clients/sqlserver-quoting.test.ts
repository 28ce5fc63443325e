import assert from "node:assert/strict";
import fc from "fast-check";
import {
  escapeLike,
  quoteIdentifier,
  quoteLiteral,
  quoteQualifiedName,
  splitTableName,
} from "../../../clients/sqlserver/quoting.ts";
import { CutoverError } from "../../../model/error.ts";

const character = fc.oneof(
  fc.constantFrom("]", "[", "'", '"', ".", ";", "-", " ", "😀", "ß", "_", "%"),
  fc.string({ maxLength: 1, unit: "binary" }),
);
const text = fc
  .array(character, { minLength: 1, maxLength: 60 })
  .map((parts) => parts.join(""))
  .filter((name) => name !== "" && !name.includes("\0") && !/\p{Surrogate}/u.test(name) && name.length <= 128);

describe("SQL Server quoting", () => {
  it("property: nothing inside a quoted identifier or literal can end it, and it is read back as it was", () => {
    fc.assert(
      fc.property(text, (name) => {
        const identifier = quoteIdentifier(name);
        assert.match(identifier, /^\[(?:[^\]]|\]\])+\]$/s);
        assert.equal(identifier.slice(1, -1).replaceAll("]]", "]"), name);
        const literal = quoteLiteral(name);
        assert.match(literal, /^N'(?:[^']|'')*'$/s);
        assert.equal(literal.slice(2, -1).replaceAll("''", "'"), name);
      }),
    );
  });

  it("property: a quoted table name is read back as its two parts", () => {
    const trimmed = text.filter((name) => !/[\n\r]/.test(name));
    fc.assert(
      fc.property(trimmed, trimmed, (schema, table) => {
        assert.deepEqual(splitTableName(quoteQualifiedName(schema, table)), { schema, table });
      }),
    );
  });

  it("takes bare and half quoted table names, dbo when there is no schema", () => {
    assert.deepEqual(splitTableName("OfferHistory"), { schema: "dbo", table: "OfferHistory" });
    assert.deepEqual(splitTableName("rpi.[Offer.History]"), { schema: "rpi", table: "Offer.History" });
    assert.deepEqual(splitTableName('"a""b".[c]]d]'), { schema: 'a"b', table: "c]d" });
  });

  it("makes LIKE take every character as it is", () => {
    assert.equal(escapeLike("Interaction_"), "Interaction[_]");
    assert.equal(escapeLike("50%[x]_y"), "50[%][[]x][_]y");
  });

  it("takes 128 characters and refuses 129, nothing, NUL and broken Unicode", () => {
    assert.equal(quoteIdentifier("x".repeat(128)).length, 130);
    for (const wrong of ["x".repeat(129), "", "a\0b", "\ud800"]) {
      assert.throws(() => quoteIdentifier(wrong), refused, JSON.stringify(wrong));
    }
    for (const wrong of ["a\0b", "\udc00"]) assert.throws(() => quoteLiteral(wrong), refused);
    for (const wrong of ["", "a.b.c", "a b", "[a", "a.", ".b", "a];DROP TABLE b"]) {
      assert.throws(() => splitTableName(wrong), refused, wrong);
    }
  });
});

function refused(error: unknown): boolean {
  return error instanceof CutoverError && error.details.code === "CUT-4250";
}
