import assert from "node:assert/strict";
import fc from "fast-check";
import { neverAtWorkWith } from "../../../model/concurrency.ts";

describe("which services a check may judge", () => {
  it("in a chain: all others", () => {
    const names = ["gim", "gim-monitoring", "gsp", "gca"];
    const chain = names.map((name, index) => ({ name, needs: names.slice(Math.max(0, index - 1), index) }));
    for (const name of names)
      assert.deepEqual([...neverAtWorkWith(chain, name)].sort(), names.filter((one) => one !== name).sort());
  });

  it("side by side: only what comes before and after", () => {
    const services = [
      { name: "base", needs: [] },
      { name: "left", needs: ["base"] },
      { name: "right", needs: ["base"] },
      { name: "last", needs: ["left", "right"] },
    ];
    assert.deepEqual([...neverAtWorkWith(services, "left")].sort(), ["base", "last"]);
  });

  it("is mutual, and never names the service itself", () => {
    const graph = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 }).map((edges) =>
      edges.map((needs, index) => ({
        name: `s${index}`,
        needs: [...new Set(needs.filter((need) => need < index).map((need) => `s${need}`))],
      })),
    );
    fc.assert(
      fc.property(graph, (services) => {
        for (const { name } of services) {
          const found = neverAtWorkWith(services, name);
          assert.equal(found.has(name), false);
          for (const other of found) assert.equal(neverAtWorkWith(services, other).has(name), true);
        }
      }),
    );
  });
});
