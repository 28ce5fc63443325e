import assert from "node:assert/strict";
import fc from "fast-check";
import { CutoverError } from "../../../model/error.ts";
import {
  firstOutOfOrder,
  installOrder,
  orderFor,
  turnedRound,
  upgradeOrder,
  type Ordered,
} from "../../../model/order.ts";

const infomart: Ordered[] = [
  { name: "gim", role: "gim", needs: [] },
  { name: "gim-monitoring", role: "gim-monitoring", needs: ["gim"] },
  { name: "gsp", role: "gsp", needs: ["gim", "gim-monitoring"] },
  { name: "gca", role: "gca", needs: ["gsp"] },
];
const installRoles = ["gsp", "gca", "gim", "gim-monitoring"];
const names = (services: readonly Ordered[]): string[] => services.map((service) => service.name);

/** Any graph without a cycle: services need only earlier ones, then they are shuffled. */
const acyclic: fc.Arbitrary<Ordered[]> = fc
  .array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((needs) =>
    needs.map((list, index) => ({
      name: `s${index}`,
      role: `r${index % 3}`,
      needs: index === 0 ? [] : [...new Set(list.map((need) => `s${need % index}`))],
    })),
  )
  .chain((services) => fc.shuffledSubarray(services, { minLength: services.length }));

describe("order per operation", () => {
  it("of Info Mart is the seed's", () => {
    assert.deepEqual(names(orderFor("upgrade", infomart, installRoles)), ["gim", "gim-monitoring", "gsp", "gca"]);
    assert.deepEqual(names(orderFor("rollback", infomart, installRoles)), ["gca", "gsp", "gim-monitoring", "gim"]);
    assert.deepEqual(names(orderFor("install", infomart, installRoles)), ["gsp", "gca", "gim", "gim-monitoring"]);
    assert.deepEqual(names(orderFor("uninstall", infomart, installRoles)), ["gim-monitoring", "gim", "gca", "gsp"]);
  });

  it("names a cycle service by service", () => {
    const circle: Ordered[] = [
      { name: "a", role: "a", needs: [] },
      { name: "b", role: "b", needs: ["a", "d"] },
      { name: "c", role: "c", needs: ["b"] },
      { name: "d", role: "d", needs: ["c"] },
    ];
    assert.throws(
      () => upgradeOrder(circle),
      (error: unknown) =>
        error instanceof CutoverError &&
        error.details.code === "CUT-3010" &&
        error.message.includes("b needs d needs c needs b"),
    );
  });

  it("never violates a need", () => {
    fc.assert(
      fc.property(acyclic, (services) => {
        const ordered = upgradeOrder(services);
        assert.deepEqual([...names(ordered)].sort(), [...names(services)].sort());
        assert.equal(firstOutOfOrder(ordered), null);
      }),
    );
  });

  it("leaves an order alone that already holds", () => {
    fc.assert(
      fc.property(acyclic, (services) => {
        const ordered = upgradeOrder(services);
        assert.deepEqual(names(upgradeOrder(ordered)), names(ordered));
      }),
    );
  });

  it("reverses: rollback is upgrade reversed, uninstall is install reversed", () => {
    fc.assert(
      fc.property(acyclic, fc.shuffledSubarray(["r0", "r1", "r2"]), (services, roles) => {
        assert.deepEqual(
          names(orderFor("rollback", services, roles)),
          names(orderFor("upgrade", services, roles)).reverse(),
        );
        assert.deepEqual(
          names(orderFor("uninstall", services, roles)),
          names(orderFor("install", services, roles)).reverse(),
        );
      }),
    );
  });

  it("turned round for a rollback, a service comes after all that needed it, and nothing else is asked of it", () => {
    fc.assert(
      fc.property(acyclic, (services) => {
        const upgrade = upgradeOrder(services);
        const back = turnedRound(upgrade);
        assert.equal(firstOutOfOrder(back), null);
        for (const { name, needs } of back) {
          assert.deepEqual([...needs].sort(), names(upgrade.filter((other) => other.needs.includes(name))).sort());
        }
        assert.deepEqual(names(turnedRound(back)), names(upgrade));
      }),
    );
  });

  it("installs by role, and in upgrade order where the list says nothing", () => {
    fc.assert(
      fc.property(acyclic, fc.shuffledSubarray(["r0", "r1", "r2"]), (services, roles) => {
        const rank = (service: Ordered) => (roles.includes(service.role) ? roles.indexOf(service.role) : roles.length);
        const ordered = installOrder(services, roles);
        for (const [index, service] of ordered.entries()) {
          const next = ordered[index + 1];
          if (next !== undefined) assert.ok(rank(service) <= rank(next));
        }
        assert.deepEqual(names(installOrder(services, [])), names(upgradeOrder(services)));
      }),
    );
  });

  it("tells the first service that stands too early", () => {
    assert.deepEqual(firstOutOfOrder([...infomart].reverse()), { service: "gca", needs: "gsp" });
  });
});
