import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { releaseIndexSchema, releaseSetSchema, type ReleaseSet, type RoleRelease } from "../../../model/release-set.ts";
import { releasesFolder } from "../../../sandbox/charts/package.ts";
import { createCustomObjects } from "../../../sandbox/simulators/database/statements.ts";
import { migrationChunks } from "../../../sandbox/simulators/gim/migration-chunks.ts";
import { schemaOfImage } from "../../../sandbox/simulators/gim/schema-versions.ts";

const read = (...path: string[]): unknown => parse(readFileSync(join(releasesFolder, ...path), "utf8"));
const { releases } = releaseIndexSchema.parse(read("index.yaml"));
const sets: ReleaseSet[] = releases.map((name) => releaseSetSchema.parse(read(name, "release.yaml")));

function role(set: ReleaseSet, name: string): RoleRelease {
  const found = set.roles[name];
  assert.ok(found, `${set.name} has no role ${name}`);
  return found;
}

describe("Info Mart's release sets", () => {
  it("the index names every folder, and each set its own folder", () => {
    const folders = readdirSync(releasesFolder).filter((name) => statSync(join(releasesFolder, name)).isDirectory());
    assert.deepEqual([...releases].sort(), folders.sort());
    assert.deepEqual(
      sets.map(({ name }) => name),
      releases,
    );
  });

  it("every set has the five roles, with image tags that belong to their charts", () => {
    for (const set of sets) {
      assert.deepEqual(Object.keys(set.roles), ["gim", "gim-monitoring", "gsp", "gca", "gca-monitoring"]);
      for (const { chart, image } of Object.values(set.roles))
        assert.equal(image?.tag, chart.version.replace("+", "."));
    }
  });

  it("values files exist and use only the placeholder of the tenant", () => {
    for (const set of sets) {
      for (const name of Object.keys(set.roles)) {
        const file = join(releasesFolder, set.name, role(set, name).values ?? "missing");
        const text = readFileSync(file, "utf8");
        assert.deepEqual(new Set(text.match(/\$\{[^}]*\}/g) ?? []).size <= 1, true, file);
        assert.ok(
          (text.match(/\$\{[^}]*\}/g) ?? []).every((placeholder) => placeholder === "${tenant}"),
          file,
        );
        assert.deepEqual((parse(text) as { imagePullSecrets: unknown }).imagePullSecrets, { pullsecret: {} }, file);
      }
    }
  });

  it("GIM's schema goes on from set to set and is the one that its image brings", () => {
    const versions = sets.map((set) => role(set, "gim").schemaVersion);
    for (const [index, version] of versions.entries()) {
      assert.equal(version?.from, versions[Math.max(0, index - 1)]?.to);
      assert.equal(version?.to, schemaOfImage(role(sets[index] as ReleaseSet, "gim").image?.tag ?? ""));
    }
    assert.equal(new Set(versions.map((version) => version?.to)).size, sets.length);
  });

  it("GIM and GSP have 15 minutes, GIM all steps", () => {
    for (const set of sets) {
      assert.equal(role(set, "gim").helmTimeoutSeconds, 900);
      assert.equal(role(set, "gsp").helmTimeoutSeconds, 900);
      assert.deepEqual(role(set, "gim").steps, ["check", "inventory", "backup", "release", "migrate", "verify"]);
    }
  });

  it("gates have unique names, and PromQL gates only look at their own pods", () => {
    for (const set of sets) {
      for (const [name, { gates }] of Object.entries(set.roles)) {
        assert.ok(
          gates.some(({ kind }) => kind === "pods"),
          `${set.name} ${name}`,
        );
        assert.equal(new Set(gates.map((gate) => gate.name)).size, gates.length);
        for (const gate of gates) {
          if (gate.kind === "promql" || gate.kind === "metric")
            assert.match(gate.query, /namespace="\$\{namespace\}",pod=~"\$\{release\}-/);
        }
      }
    }
  });

  it("the schema gate accepts later schemas, so that it also holds after a rollback, but no earlier one", () => {
    const versions = sets.map((set) => role(set, "gim").schemaVersion?.to ?? "");
    for (const [index, set] of sets.entries()) {
      const gate = role(set, "gim").gates.find(({ name }) => name === "gim-schema-version");
      assert.ok(gate?.kind === "promql");
      const refused = /schema_version!~"([^"]*)"/.exec(gate.query)?.[1];
      const refuses = (version: string): boolean =>
        refused !== undefined && new RegExp(`^(?:${refused})$`).test(version);
      for (const [other, version] of versions.entries())
        assert.equal(refuses(version), other < index, `${set.name} ${version}`);
    }
  });

  it("rules name every custom object that a migration loses", () => {
    let lost = 0;
    for (const set of sets) {
      const { schemaVersion, customObjects } = role(set, "gim");
      const chunks = migrationChunks[schemaVersion?.to ?? ""] ?? [];
      const gone = chunks.flatMap(({ name }) => /^(\w+) (?:becomes a view|is replaced)$/.exec(name)?.[1] ?? []);
      for (const statement of createCustomObjects()) {
        const [, kind, name = ""] = /^(?:create )?(index|view|grant)(?: select on)? (\w+)/.exec(statement) ?? [];
        if (!gone.some((table) => new RegExp(`\\b${table}\\b`).test(statement))) continue;
        const matching = customObjects.filter(
          (rule) => rule.kind === kind && new RegExp(rule.name).test(`public.${name}`),
        );
        assert.equal(matching.length, 1, `${set.name}: ${statement}`);
        lost += 1;
      }
    }
    assert.ok(lost >= 8, `only ${lost} objects would be lost`);
  });
});
