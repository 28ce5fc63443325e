import assert from "node:assert/strict";
import { parseCredentials } from "../../../clients/database-credentials.ts";
import { connectPostgres } from "../../../clients/postgres.ts";
import { CutoverError } from "../../../model/error.ts";
import { closedPort } from "./loopback.ts";

const good = {
  db_hostname: "pg",
  db_port: "5433",
  db_name: "gim",
  db_username: "u",
  db_password: "s3cr3t-value",
  db_sslmode: "verify-full",
};
const detailsOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof CutoverError);
    return error.details;
  }
  throw new Error("nothing was thrown");
};

describe("database credentials", () => {
  it("are read from the Secret's JSON", () => {
    const expected = {
      host: "pg",
      port: 5433,
      database: "gim",
      user: "u",
      password: "s3cr3t-value",
      sslMode: "verify-full",
    };
    assert.deepEqual(parseCredentials(JSON.stringify(good), "x"), expected);
    assert.equal(parseCredentials(JSON.stringify({ ...good, db_port: undefined }), "x").port, 5432);
  });

  it("take the password of the environment before that of the Secret", () => {
    assert.equal(parseCredentials(JSON.stringify(good), "x", "newer").password, "newer");
    assert.equal(parseCredentials(JSON.stringify({ ...good, db_password: undefined }), "x", "newer").password, "newer");
  });

  it("name the missing fields and never show the content", () => {
    const incomplete = JSON.stringify({ ...good, db_hostname: "", db_sslmode: "s3cr3t-value", db_username: 7 });
    const details = detailsOf(() => parseCredentials(incomplete, "Secret gim/x, key k"));
    assert.equal(details.code, "CUT-4202");
    assert.match(details.happened, /Secret gim\/x, key k/);
    assert.match(details.evidence?.join() ?? "", /db_hostname, db_username, db_sslmode/);
    assert.ok(!JSON.stringify(details).includes("s3cr3t"));
    const notJson = detailsOf(() => parseCredentials('{"db_password": s3cr3t-value', "x"));
    assert.ok(!JSON.stringify(notJson).includes("s3cr3t"));
    assert.match(
      detailsOf(() => parseCredentials(JSON.stringify({ ...good, db_password: undefined }), "x")).evidence?.join() ??
        "",
      /db_password/,
    );
  });

  it("of a server that is down give a clear error without the password", async () => {
    const port = await closedPort();
    const credentials = { host: "127.0.0.1", port, database: "gim", user: "u", password: "s3cr3t-value" };
    await assert.rejects(connectPostgres(credentials, { applicationName: "test" }), (error) => {
      assert.ok(error instanceof CutoverError);
      assert.equal(error.details.code, "CUT-4203");
      assert.match(error.details.happened, new RegExp(`127.0.0.1:${port} cannot be reached`));
      assert.ok(!JSON.stringify(error.details).includes("s3cr3t"));
      return true;
    });
  });
});
