import assert from "node:assert/strict";
import fc from "fast-check";
import { serviceDigest, targetDigest } from "../../../model/digest.ts";
import { expandServices } from "../../../model/expand.ts";
import { layerValues, valueAt, type JsonObject } from "../../../model/layering.ts";
import { firstOutOfOrder } from "../../../model/order.ts";
import { expandPlaceholders } from "../../../model/placeholders.ts";
import type { PlatformDefinition } from "../../../model/platform.ts";
import type { Json, ResolvedService } from "../../../model/service.ts";
import { closestWord } from "../../../model/suggestion.ts";
import { strictestRanges } from "../../../stacks/third-parties.ts";

const json: fc.Arbitrary<Json> = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const key = fc.stringMatching(/^[a-z]{1,6}$/);
const values: fc.Arbitrary<JsonObject> = fc.dictionary(key, json, { maxKeys: 5, noNullPrototype: true });

function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, shuffled(inner)]),
  );
}

const service: Omit<ResolvedService, "digest"> = {
  ...{ name: "gim-t100", role: "gim", tenant: "t100", namespace: "gim", helmRelease: "gim-t100", needs: [] },
  releaseSet: "b2",
  chart: { path: "charts/gim.tgz", version: "1.0.0", sha256: "a".repeat(64) },
  image: { tag: "1", valuesKey: "image.tag" },
  values: { replicas: 1 },
  schemaClass: "any",
  schemaVersion: { from: "1", to: "2" },
  ...{ helmTimeoutSeconds: 300, await: "gates", steps: ["release", "verify"] },
  backup: { kind: "pgDump", jobs: 2, maxAgeHours: 24 },
  migrate: { schemaVersionQuery: "select 1", timeoutSeconds: 60, maxRestarts: 2 },
  customObjects: [],
  configure: null,
  gates: [{ kind: "pods", name: "pods", timeoutSeconds: 900, passes: 2 }],
  database: { namespace: "gim", secret: "s", key: "k" },
};

describe("digest of a service", () => {
  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(values, (some) => {
        const reversed = shuffled(some) as JsonObject;
        assert.equal(serviceDigest({ ...service, values: some }), serviceDigest({ ...service, values: reversed }));
      }),
    );
  });

  it("differs for different values", () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        fc.pre(JSON.stringify(layerValues([one])) !== JSON.stringify(layerValues([other])));
        const same = serviceDigest({ ...service, values: one }) === serviceDigest({ ...service, values: other });
        assert.equal(same, JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });

  const changes: [what: string, change: Partial<ResolvedService>, counts: boolean][] = [
    ["the chart's content", { chart: { ...service.chart, sha256: "b".repeat(64) } }, true],
    ["the image", { image: { tag: "2", valuesKey: "image.tag" } }, true],
    ["a value", { values: { replicas: 2 } }, true],
    ["a gate", { gates: [] }, true],
    ["the steps", { steps: ["check", "release", "verify"] }, true],
    ["the schema version", { schemaVersion: { from: "1", to: "3" } }, true],
    ["the backup", { backup: null }, true],
    ["the migration", { migrate: null }, true],
    ["the custom objects", { customObjects: [{ kind: "view", name: ".*" }] }, true],
    ["the chart's path", { chart: { ...service.chart, path: "elsewhere.tgz" } }, false],
    ["the release set's name", { releaseSet: "c3" }, false],
    ["the place of the credentials", { database: { namespace: "gim", secret: "other", key: "k" } }, false],
  ];
  for (const [what, change, counts] of changes) {
    it(`${counts ? "changes" : "does not change"} with ${what}`, () => {
      const changed = serviceDigest({ ...service, ...change });
      assert.equal(changed !== serviceDigest(service), counts);
    });
  }

  it("of a target does not depend on the order of services, but on each digest and the name", () => {
    const services = [
      { name: "a", digest: "1" },
      { name: "b", digest: "2" },
    ];
    assert.equal(targetDigest("r", services), targetDigest("r", services.toReversed()));
    assert.notEqual(targetDigest("r", services), targetDigest("s", services));
    assert.notEqual(targetDigest("r", services), targetDigest("r", [{ name: "a", digest: "1" }]));
  });
});

describe("layers of values", () => {
  it("the last layer's leaves are there, and everything not mentioned above stays", () => {
    fc.assert(
      fc.property(values, values, (below, above) => {
        const merged = layerValues([below, above]);
        for (const [name, value] of Object.entries(above)) {
          if (value === null || typeof value !== "object" || Array.isArray(value))
            assert.deepEqual(merged[name], value);
        }
        for (const [name, value] of Object.entries(below)) {
          if (!Object.hasOwn(above, name)) assert.deepEqual(merged[name], value);
        }
      }),
    );
  });

  it("an empty layer changes nothing and the same layer twice is the same", () => {
    fc.assert(
      fc.property(values, (some) => {
        assert.deepEqual(layerValues([some, {}]), some);
        assert.deepEqual(layerValues([some, some]), some);
      }),
    );
  });

  it("replaces lists, merges maps, keeps null for Helm, and is safe against __proto__", () => {
    assert.deepEqual(layerValues([{ a: { b: 1, c: [1, 2] } }, { a: { c: [3], d: null } }]), {
      a: { b: 1, c: [3], d: null },
    });
    layerValues([JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject, { a: 1 }]);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    assert.deepEqual(valueAt("image.tag", "1"), { image: { tag: "1" } });
  });
});

describe("placeholders", () => {
  const known = { tenant: "t100", namespace: "gim", release: "gim-t100" };

  it("are expanded in every text, at any depth, and $${x} stays as ${x}", () => {
    const written = { a: ["${tenant}/${namespace}", { b: "$${tenant} costs 5$" }], c: 1, d: null, "${tenant}": true };
    assert.deepEqual(expandPlaceholders(written, known, "here"), {
      ...{ a: ["t100/gim", { b: "${tenant} costs 5$" }], c: 1, d: null, "${tenant}": true },
    });
  });

  it("texts without a placeholder stay as they are", () => {
    fc.assert(
      fc.property(json, (value) => {
        fc.pre(!JSON.stringify(value).includes("${"));
        assert.deepEqual(expandPlaceholders(value, known, "here"), value);
      }),
    );
  });

  it("names of object's own methods are no placeholders", () => {
    assert.throws(() => expandPlaceholders("${toString}", known, "here"), /CUT-2020/);
  });
});

describe("expansion", () => {
  const roles = ["a", "b", "c", "d"];
  const platform: fc.Arbitrary<PlatformDefinition> = fc
    .record({
      flags: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      needs: fc.array(fc.subarray([0, 1, 2]), { minLength: 4, maxLength: 4 }),
      sequential: fc.boolean(),
    })
    .map(({ flags, needs, sequential }) => ({
      name: "toy",
      sequential,
      order: { upgrade: roles, install: roles },
      roles: roles.map((role, index) => ({
        role,
        perTenant: flags[index] === true,
        needs: (needs[index] ?? []).filter((need) => need < index).flatMap((need) => roles[need] ?? []),
      })),
    }));
  const settings = fc.record({
    tenants: fc.uniqueArray(key, { minLength: 1, maxLength: 3 }).map((ids) => ids.map((id) => ({ id }))),
    pins: fc.dictionary(fc.constantFrom(...roles), fc.constantFrom("absent", "a1"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    namespaces: fc.record({ prefix: key }),
  });

  it("no service stands before one that it needs, and every need is there", () => {
    fc.assert(
      fc.property(platform, settings, (definition, chosen) => {
        const slots = expandServices(definition, chosen);
        assert.equal(firstOutOfOrder(slots), null);
        const names = slots.map((slot) => slot.name);
        assert.equal(new Set(names).size, names.length);
        assert.deepEqual(
          slots.flatMap((slot) => slot.needs).filter((need) => !names.includes(need)),
          [],
        );
        if (definition.sequential)
          assert.deepEqual(
            slots.map((slot) => slot.needs.join()),
            ["", ...names.slice(0, -1)].slice(0, names.length),
          );
      }),
    );
  });

  it("every role that is not absent is there, once per tenant or once", () => {
    fc.assert(
      fc.property(platform, settings, (definition, chosen) => {
        const slots = expandServices(definition, chosen);
        for (const { role, perTenant } of definition.roles) {
          const expected = chosen.pins[role] === "absent" ? 0 : perTenant === true ? chosen.tenants.length : 1;
          assert.equal(slots.filter((slot) => slot.role === role).length, expected);
        }
      }),
    );
  });

  it("a tenant's service needs only its own tenant's", () => {
    const definition: PlatformDefinition = {
      name: "toy",
      sequential: false,
      roles: [
        { role: "a", perTenant: true },
        { role: "b", perTenant: true, needs: ["a"] },
      ],
      order: { upgrade: ["a", "b"], install: ["a", "b"] },
    };
    const slots = expandServices(definition, {
      tenants: [{ id: "x" }, { id: "y" }],
      pins: {},
      namespaces: { prefix: "" },
    });
    assert.deepEqual(
      slots.map((slot) => [slot.name, ...slot.needs]),
      [["a-x"], ["a-y"], ["b-x", "a-x"], ["b-y", "a-y"]],
    );
  });
});

describe("small rules", () => {
  it("a slip of the fingers finds the word, anything else finds none", () => {
    assert.equal(closestWord("relase", ["release", "lower"]), "release");
    assert.equal(closestWord("gps", ["gim", "gsp", "gca"]), "gsp");
    assert.equal(closestWord("helicopter", ["release", "lower"]), null);
  });

  it("the strictest demands win, with build numbers counted", () => {
    const one = { postgresql: { minimum: "12", maximum: "16" }, kafka: { minimum: "2.0" } };
    const other = { postgresql: { minimum: "9.6", maximum: "15" } };
    assert.deepEqual(strictestRanges([one, other]), {
      postgresql: { minimum: "12", maximum: "15" },
      kafka: { minimum: "2.0" },
    });
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
