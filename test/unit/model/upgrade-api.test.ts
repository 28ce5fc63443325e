import assert from "node:assert/strict";
import * as fc from "fast-check";
import { scrubConnectionText } from "../../../model/scrub.ts";
import {
  isUnderWay,
  judgeUpgrade,
  newMessages,
  parseUpgradeStatus,
  snapshotOf,
  type UpgradeStatus,
} from "../../../model/upgrade-api.ts";

const wanted = { from: "6.7", to: "7.4.24278.1712" };
// The sample of release/v7.6's README (facts/domain.md A2).
const sample = [
  "[2024-10-08 14:10:38] Upgrade starting",
  "Operational Database Type: AmazonRDSSQL",
  "Pulse Database Name: Pulse",
  "Version before upgrade 6.7.24250",
  "Upgrading to version 7.4.24278.1712",
  "Upgrading the database",
  "Updating database version",
  "Loading Plugins",
  "Upgrade Complete",
];
const done: UpgradeStatus = { status: "LastRunComplete", messages: sample };
const never: UpgradeStatus = { status: "None", messages: [] };
const line = fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !/upgrade complete/i.test(text));

describe("the upgrade API's answers", () => {
  it("are read as JSON, as text with JSON in it, and whatever the case of their keys", () => {
    const document = { DeploymentInstanceID: "default", Status: "LastRunComplete", Messages: ["a", 1, "b"] };
    const expected = { status: "LastRunComplete", messages: ["a", "b"] };
    assert.deepEqual(parseUpgradeStatus(JSON.stringify(document)), expected);
    assert.deepEqual(parseUpgradeStatus(`\uFEFF ${JSON.stringify(JSON.stringify(document))}\n`), expected);
    assert.deepEqual(parseUpgradeStatus('{"status":"x","messages":null}'), { status: "x", messages: [] });
    for (const other of ["", "<html>", "[]", "null", '"text"', '{"Messages":[]}']) {
      assert.equal(parseUpgradeStatus(other), null, other);
    }
  });

  it("never throw, whatever they are", () => {
    fc.assert(fc.property(fc.string(), (body) => void parseUpgradeStatus(body)));
    fc.assert(fc.property(fc.json(), (body) => void parseUpgradeStatus(body)));
  });
});

describe("the judgement of an upgrade", () => {
  it("is done with the vendor's own sample", () => {
    const judged = judgeUpgrade(snapshotOf(never), done, wanted);
    assert.deepEqual(judged, { state: "done", messages: sample, from: "6.7.24250", to: "7.4.24278.1712" });
  });

  it("takes no status that was there before for its own, whatever it says", () => {
    const status = fc.record({
      status: fc.constantFrom("LastRunComplete", "LastRunFailed", "InProgress", "None", ""),
      messages: fc.oneof(fc.array(line), fc.constant(sample)),
    });
    fc.assert(fc.property(status, (before) => judgeUpgrade(snapshotOf(before), before, wanted).state === "notOurs"));
  });

  it("sees its own end behind an old one, in a list that goes on and in a new one", () => {
    const old = sample.map((text) => text.replace("2024-10-08", "2023-01-01"));
    const before = snapshotOf({ status: "LastRunComplete", messages: old });
    assert.equal(judgeUpgrade(before, { ...done, messages: [...old, ...sample] }, wanted).state, "done");
    assert.equal(judgeUpgrade(before, done, wanted).state, "done");
  });

  it("is never done before the API says both that it ended and that it is complete", () => {
    fc.assert(
      fc.property(fc.nat(sample.length - 1), fc.constantFrom("InProgress", "LastRunComplete", ""), (count, status) => {
        const messages = sample.slice(0, count);
        const { state } = judgeUpgrade(snapshotOf(never), { status, messages }, wanted);
        assert.equal(state, count === 0 ? "notOurs" : "running");
      }),
    );
    assert.equal(judgeUpgrade(snapshotOf(never), { status: "InProgress", messages: sample }, wanted).state, "running");
  });

  it("fails with other versions than the release set's, and where the API names none", () => {
    const judge = (messages: string[], versions = wanted) =>
      judgeUpgrade(snapshotOf(never), { ...done, messages }, versions);
    const other = judge(sample, { from: "7.6", to: "7.7.1" });
    assert.ok(other.state === "failed");
    assert.match(other.reason, /from 6\.7\.24250, not 7\.6 and to 7\.4\.24278\.1712, not 7\.7\.1/);
    assert.equal(judge(["Upgrade starting", "Upgrade Complete"]).state, "failed");
    // 6.7 is no shorter form of 6.71.
    assert.equal(judge(sample.map((text) => text.replace("6.7.24250", "6.71.1"))).state, "failed");
  });

  it("fails when the status fails, also before the first message", () => {
    assert.equal(judgeUpgrade(snapshotOf(never), { status: "LastRunFailed", messages: [] }, wanted).state, "failed");
    const before = snapshotOf({ status: "LastRunFailed", messages: ["a"] });
    assert.equal(judgeUpgrade(before, { status: "LastRunFailed", messages: ["a", "b"] }, wanted).state, "failed");
  });

  it("property: what is new are the messages behind the old ones", () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (old, fresh) => {
        const before = snapshotOf({ status: "", messages: old });
        assert.deepEqual(newMessages(before, [...old, ...fresh]), fresh);
      }),
    );
  });

  it("knows when somebody's upgrade goes on", () => {
    assert.ok(isUnderWay({ status: "InProgress", messages: sample.slice(0, 3) }));
    for (const ended of [never, done, { status: "LastRunFailed", messages: ["x"] }, { status: "", messages: sample }]) {
      assert.ok(!isUnderWay(ended), ended.status);
    }
  });
});

describe("texts of someone else's", () => {
  it("lose the passwords of connection strings in every form", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!#%&()*+ ,.:<>?@^_|~-]{6,30}$/).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(secret, fc.constantFrom("Password", "PWD", "pwd ", "AccountKey", "SharedAccessKey"), (value, key) => {
        const marked = `X${value}X`;
        const texts = [
          `Login failed: Server=tcp:x,1433;${key}=${marked};Encrypt=True`,
          `bad ${key} = "${marked};q";Server=x`,
          `Host=x;${key}='${marked}'`,
        ];
        for (const text of texts) assert.ok(!scrubConnectionText(text).includes(marked), scrubConnectionText(text));
      }),
    );
    assert.equal(scrubConnectionText('{"Password":"a\\"b","Server":"x"}'), '{"Password":"[redacted]","Server":"x"}');
    assert.equal(scrubConnectionText("amqp://me:s3cret@host/v"), "amqp://[redacted]@host/v");
    assert.equal(scrubConnectionText("Upgrading the database"), "Upgrading the database");
  });
});
