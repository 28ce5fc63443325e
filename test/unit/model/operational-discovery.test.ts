import assert from "node:assert/strict";
import fc from "fast-check";
import { decideDiscovery, namesToFind, type FoundDatabase } from "../../../model/operational/discovery.ts";
import { operationalDatabases, type OperationalDatabases } from "../../../model/operational-databases.ts";

const connection = { namespace: "redpoint", secret: "rpi", key: "c" };
const settings = (more: Partial<OperationalDatabases> = {}): OperationalDatabases => ({
  ...operationalDatabases.parse({
    provider: "sqlserver",
    mode: "inPlace",
    server: { connection },
    backupFolder: "D:\\b",
  }),
  ...more,
});
const online = (...names: string[]): FoundDatabase[] => names.map((name) => ({ name, state: "ONLINE" }));

/** What a server with these databases answers; LIKE without regard to case, as most servers. */
function decide(
  databases: readonly FoundDatabase[],
  more: Partial<OperationalDatabases> = {},
  options: { template?: string; acknowledged?: string[] } = {},
) {
  const chosen = settings(more);
  const names = namesToFind(chosen, options.template ?? null);
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const like = ({ before, after }: { before: string; after: string }) =>
    databases.filter(({ name }) => {
      const folded = name.toLowerCase();
      const long = name.length >= before.length + after.length;
      return long && folded.startsWith(before.toLowerCase()) && folded.endsWith(after.toLowerCase());
    });
  const listing = {
    named: databases.filter(({ name }) => names.named.some((one) => same(one.name, name))),
    operational: like(names.operational),
    audit: like(names.audit),
  };
  return decideDiscovery(names, listing, { tenants: chosen.tenants, acknowledged: options.acknowledged ?? [] });
}

const suffix = fc.stringMatching(/^[a-z0-9][a-z0-9_]{0,11}$/);

describe("discovery of the operational databases", () => {
  it("property: every tenant with both databases is found, with nothing besides, whatever else is on the server", () => {
    fc.assert(
      fc.property(fc.uniqueArray(suffix, { minLength: 1, maxLength: 8 }), fc.array(suffix), (tenants, others) => {
        const databases = online(
          ...tenants.flatMap((tenant) => [`InteractionAudit_${tenant}`, `Interaction_${tenant}`]),
          ...["Pulse", "Pulse_Logging", "master", "Interactions", "InteractionX_acme"],
          ...others.map((other) => `Other_${other}`),
        );
        const found = decide(databases, { tenants });
        assert.deepEqual(found.problems, []);
        assert.deepEqual([...found.tenants].sort(), [...tenants].sort());
        assert.equal(found.databases.length, 2 + 2 * tenants.length);
      }),
    );
  });

  it("property: a tenant that lost one of its databases, or has one that is not ONLINE, is never passed over", () => {
    const trouble = fc.constantFrom("operational gone", "audit gone", "operational restoring", "audit offline");
    fc.assert(
      fc.property(fc.uniqueArray(suffix, { minLength: 2, maxLength: 6 }), trouble, (tenants, what) => {
        const [victim = ""] = tenants;
        const hit = what.startsWith("operational") ? `Interaction_${victim}` : `InteractionAudit_${victim}`;
        const databases = online(
          "Pulse",
          "Pulse_Logging",
          ...tenants.flatMap((tenant) => [`Interaction_${tenant}`, `InteractionAudit_${tenant}`]),
        );
        const after = what.endsWith("gone")
          ? databases.filter(({ name }) => name !== hit)
          : databases.map((one) => (one.name === hit ? { ...one, state: "RESTORING" } : one));
        const { problems } = decide(after);
        assert.equal(problems.length, 1);
        assert.match(problems[0] ?? "", new RegExp(victim));
      }),
    );
  });

  it("wants the core, logging, realtime and additional databases that are configured", () => {
    const { problems } = decide(online("Pulse", "Interaction_a", "InteractionAudit_a"), {
      realtime: ["RPIRealtime"],
      additional: ["Dwh"],
    });
    assert.deepEqual(problems, [
      "Pulse_Logging (logging) is not there",
      "RPIRealtime (realtime) is not there",
      "Dwh (additional) is not there",
    ]);
  });

  it("wants the tenants that are configured, and at least one", () => {
    const base = online("Pulse", "Pulse_Logging", "Interaction_a", "InteractionAudit_a");
    assert.match(
      decide(base, { tenants: ["a", "b"] }).problems.join(),
      /^tenant b: Interaction_b with InteractionAudit_b is not there$/,
    );
    assert.match(decide(online("Pulse", "Pulse_Logging")).problems.join(), /no tenant was found/);
  });

  it("pairs names that differ in case alone, but not when two could be meant", () => {
    const base = online("Pulse", "pulse_logging", "Interaction_Acme", "InteractionAudit_ACME");
    assert.deepEqual(decide(base, { tenants: ["acme"] }).problems, []);
    const two = [...base, ...online("InteractionAudit_acmE")];
    assert.equal(decide(two).problems.length > 0, true);
  });

  it("takes a database without its counterpart only when a person acknowledged it", () => {
    const base = online("Pulse", "Pulse_Logging", "Interaction_a", "InteractionAudit_a", "Interaction_old");
    assert.deepEqual(decide(base).problems, ["Interaction_old has no InteractionAudit_old beside it"]);
    const found = decide(base, {}, { acknowledged: ["database/Interaction_old"] });
    assert.deepEqual(found.problems, []);
    assert.deepEqual(found.databases.at(-1), {
      name: "Interaction_old",
      state: "ONLINE",
      role: "additional",
      tenant: null,
    });
    assert.deepEqual(found.tenants, ["a"]);
  });

  it("leaves out what restores of cutover kept beside the databases", () => {
    const kept = ["_replaced_20261122_191422", "_restore_20261122_191422"].flatMap((end) => [
      `Interaction_a${end}`,
      `InteractionAudit_a${end}`,
    ]);
    const found = decide(online("Pulse", "Pulse_Logging", "Interaction_a", "InteractionAudit_a", ...kept));
    assert.deepEqual([found.problems, found.tenants], [[], ["a"]]);
  });

  it("finds clones by their own names", () => {
    const clones = online("dev_Pulse_v7", "dev_Pulse_Logging_v7", "dev_Interaction_a_v7", "dev_InteractionAudit_a_v7");
    const found = decide([...clones, ...online("Pulse", "Interaction_b")], {}, { template: "dev_${database}_v7" });
    assert.deepEqual([found.problems, found.tenants], [[], ["a"]]);
    assert.equal(found.databases.length, 4);
  });
});
