import assert from "node:assert/strict";
import {
  createCustomObjects,
  createPartition,
  createTables,
  monthStart,
  partitionName,
} from "../../../sandbox/simulators/database/statements.ts";
import { bigFacts } from "../../../sandbox/simulators/database/tables.ts";
import { databaseName, ownerName } from "../../../sandbox/simulators/database/tenant.ts";

const now = new Date("2026-11-22T10:00:00Z");

describe("the sandbox's Info Mart database", () => {
  it("has a few dozen tables besides monthly partitions", () => {
    const tables = createTables(now).filter((statement) => !statement.includes("partition of"));
    assert.ok(tables.length >= 40 && tables.length <= 70, String(tables.length));
    const partitions = createTables(now).filter((statement) => statement.includes("partition of"));
    assert.equal(partitions.length, Object.keys(bigFacts).length * 15);
  });

  it("partitions meet without gap over the turn of a year", () => {
    for (let offset = -13; offset < 3; offset += 1) {
      const [, end] = / to \((\d+)\)/.exec(createPartition("interaction_fact", now, offset)) ?? [];
      const [, begin] = /from \((\d+)\)/.exec(createPartition("interaction_fact", now, offset + 1)) ?? [];
      assert.equal(end, begin);
    }
    assert.equal(partitionName("interaction_fact", now, 2), "interaction_fact_p202701");
    assert.equal(monthStart(now, 0), Date.UTC(2026, 10, 1) / 1000);
  });

  it("a customer's objects have names of their own", () => {
    for (const statement of createCustomObjects())
      assert.match(statement, /^create (index cust_idx_|view cust_v_)|^grant select on /);
  });

  it("names databases and roles after prefix and tenant", () => {
    assert.equal(databaseName("", "t100"), "infomart_t100");
    assert.equal(databaseName("a-", "t100"), "infomart_a_t100");
    assert.equal(ownerName("order-1-", "t200"), "gim_order_1_t200");
  });
});
