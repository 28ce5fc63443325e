import assert from "node:assert/strict";
import fc from "fast-check";
import { compareInventories } from "../../../model/inventory-compare.ts";
import { isNamed, lossId, planCustomObjects } from "../../../model/inventory-rules.ts";
import { objectKey, type Inventory, type InventoryObject } from "../../../model/inventory.ts";

const object = (kind: InventoryObject["kind"], name: string, more: Partial<InventoryObject> = {}): InventoryObject => ({
  kind,
  name,
  detail: "",
  relation: null,
  definition: "d",
  valid: true,
  create: [`create ${name}`],
  settings: [],
  ...more,
});
const inventory = (objects: InventoryObject[], children: string[] = []): Inventory => ({
  format: 1,
  database: "gim",
  systemIdentifier: "1",
  serverVersion: "15.18",
  takenAt: "2026-11-22T15:00:00.000Z",
  objects,
  partitions: children.map((child) => ({ child, parent: "public.fact", bound: `for ${child}` })),
});

const anyObject = fc.record({
  kind: fc.constantFrom("index" as const, "view" as const, "grant" as const, "sequence" as const),
  name: fc.constantFrom("public.a", "public.b", "public.c", "x.a"),
  detail: fc.constantFrom("", "select to r"),
});

describe("comparing inventories", () => {
  it("an unchanged catalog has lost nothing; new objects are never a finding", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyObject, { selector: objectKey }), fc.nat(), (all, cut) => {
        const objects = all.map((one) => object(one.kind, one.name, { detail: one.detail }));
        const before = objects.slice(0, cut % (objects.length + 1));
        const found = compareInventories(inventory(before), inventory(objects));
        assert.deepEqual([found.lost, found.invalid, found.changed, found.reported], [[], [], [], []]);
      }),
    );
  });

  it("every other object that is gone is lost, exactly once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyObject, { selector: objectKey }), fc.array(fc.boolean()), (all, keep) => {
        const objects = all.map((one) => object(one.kind, one.name, { detail: one.detail }));
        const kept = objects.filter((_one, index) => keep[index] === true);
        const { lost } = compareInventories(inventory(objects), inventory(kept));
        assert.deepEqual(lost.map(objectKey), objects.filter((one) => !kept.includes(one)).map(objectKey));
      }),
    );
  });

  it("a table that became a view: its index is reported, its grant lost, the table itself fine", () => {
    const before = inventory([
      object("table", "public.t"),
      object("index", "public.ix", { relation: "public.t" }),
      object("grant", "public.t", { relation: "public.t", detail: "SELECT to r" }),
    ]);
    const found = compareInventories(before, inventory([object("view", "public.t"), object("table", "public.t_")]));
    assert.deepEqual(found.tablesThatBecameViews, ["public.t"]);
    assert.deepEqual(found.reported.map(objectKey), ["index public.ix"]);
    assert.deepEqual(found.lost.map(objectKey), ["grant public.t SELECT to r"]);
  });

  it("what hung on a purged partition is no loss, on one that is still there it is", () => {
    const on = (child: string): InventoryObject => object("index", `${child}_ix`, { relation: child });
    const before = inventory([on("public.p1"), on("public.p2")], ["public.p1", "public.p2"]);
    const found = compareInventories(before, inventory([], ["public.p2", "public.p3"]));
    assert.deepEqual(found.lost.map(objectKey), ["index public.p2_ix"]);
    assert.deepEqual(found.partitions, { gone: 1, added: 1 });
  });

  it("a lost table is named once, not with all that hung on it", () => {
    const before = inventory([object("table", "public.t"), object("index", "public.ix", { relation: "public.t" })]);
    assert.deepEqual(compareInventories(before, inventory([])).lost.map(objectKey), ["table public.t"]);
  });

  it("tells invalid from changed", () => {
    const before = inventory([object("index", "public.a"), object("view", "public.v")]);
    const after = inventory([
      object("index", "public.a", { valid: false }),
      object("view", "public.v", { definition: "e" }),
    ]);
    const found = compareInventories(before, after);
    assert.deepEqual(
      [found.invalid.map(objectKey), found.changed.map((one) => objectKey(one.before))],
      [["index public.a"], ["view public.v"]],
    );
  });
});

describe("rules for custom objects", () => {
  const comparison = (lost: InventoryObject[]) => ({ ...compareInventories(inventory(lost), inventory([])) });

  it("name objects by their whole schema.name and kind, never by a part of it", () => {
    const view = object("view", "public.cust_top");
    assert.ok(isNamed(view, [{ kind: "view", name: "public\\.cust_.*" }]));
    assert.ok(!isNamed(view, [{ kind: "view", name: "cust_" }]));
    assert.ok(!isNamed(view, [{ kind: "index", name: ".*" }]));
    assert.ok(!isNamed(view, [{ kind: "view", name: "public\\.a|public\\.cust" }]), "alternatives are whole names too");
  });

  it("make again only what is named and can be made; the rest needs a person or an acknowledgement", () => {
    const lost = [
      object("grant", "public.v", { detail: "SELECT to r" }),
      object("view", "public.v"),
      object("index", "public.i"),
      object("sequence", "public.s", { create: [] }),
      object("function", "public.f"),
    ];
    const rules = [
      { kind: "view" as const, name: ".*" },
      { kind: "grant" as const, name: ".*" },
      { kind: "function" as const, name: ".*" },
    ];
    const plan = planCustomObjects(comparison(lost), rules, ["lost:sequence:public.s", "lost:index:other"]);
    assert.deepEqual(
      plan.recreate.map((one) => one.kind),
      ["function", "view", "grant"],
    );
    assert.deepEqual(plan.undecided.map(lossId), ["lost:index:public.i"]);
    assert.deepEqual(plan.acknowledged.map(lossId), ["lost:sequence:public.s"]);
  });
});
