import assert from "node:assert/strict";
import fc from "fast-check";
import { createRedactor } from "../../../clients/redaction.ts";

const secret = "p&s\"s w'rd/äö+1";

describe("redaction", () => {
  it("hides plain, base64, URL-encoded, JSON-escaped and SQL-quoted forms, and counts them", () => {
    const redactor = createRedactor([secret]);
    const forms = [
      secret,
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
      encodeURIComponent(secret),
      new URLSearchParams({ p: secret }).toString(),
      JSON.stringify({ p: secret }),
      JSON.stringify(JSON.stringify({ p: secret })),
      `'${secret.replaceAll("'", "''")}'`,
      Buffer.from(secret).toString("hex"),
    ];
    for (const form of forms) {
      const before = redactor.count();
      assert.match(redactor.redact(`x ${form} y`), /\[redacted\]/, form);
      assert.equal(redactor.count(), before + 1);
    }
  });

  it("property: no secret survives inside a JSON document that is base64 encoded as a whole (a Kubernetes Secret)", () => {
    const printable = fc.string({ minLength: 12, maxLength: 30, unit: fc.constantFrom(..."abcdefXYZ0189_-.!") });
    fc.assert(
      fc.property(printable, fc.string({ maxLength: 9, unit: "grapheme-ascii" }), (value, prefix) => {
        const whole = Buffer.from(`${prefix}${JSON.stringify({ db_password: value })}`).toString("base64");
        const redacted = createRedactor([value]).redact(whole);
        assert.notEqual(redacted, whole);
        assert.ok(!Buffer.from(redacted, "base64").toString("utf8").includes(value));
      }),
    );
  });

  it("property: leaves texts without the secret alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ghijk ") }), (text) => {
        const redactor = createRedactor(["hunter2-abcdef"]);
        assert.equal(redactor.redact(text), text);
        assert.equal(redactor.count(), 0);
      }),
    );
  });

  it("ignores secrets too short to tell from ordinary words", () => {
    assert.equal(createRedactor(["gim"]).redact("gim is ready"), "gim is ready");
  });

  it("learns secrets later", () => {
    const redactor = createRedactor();
    redactor.add("late-secret");
    assert.equal(redactor.redact("a late-secret b"), "a [redacted] b");
  });
});
