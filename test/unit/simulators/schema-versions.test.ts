import assert from "node:assert/strict";
import fc from "fast-check";
import { migrationChunks } from "../../../sandbox/simulators/gim/migration-chunks.ts";
import {
  compareDotted,
  pendingVersions,
  schemaOfImage,
  schemaVersions,
} from "../../../sandbox/simulators/gim/schema-versions.ts";

describe("schema versions of the GIM simulator", () => {
  it("an image brings its schema; unknown builds bring that of the newest older one", () => {
    assert.equal(schemaOfImage("100.0.112.3100"), "8.5.112");
    assert.equal(schemaOfImage("100.0.115.3900"), "8.5.115");
    assert.equal(schemaOfImage("100.0.115.4000"), "8.5.115");
    assert.equal(schemaOfImage("99.0.0.1"), "8.5.112");
  });

  it("goes through every version in between, never back", () => {
    assert.deepEqual(pendingVersions("8.5.112", "8.5.116"), ["8.5.113", "8.5.115", "8.5.116"]);
    assert.deepEqual(pendingVersions("8.5.115", "8.5.115"), []);
    assert.deepEqual(pendingVersions("8.5.116", "8.5.113"), []);
  });

  it("every version but the first has chunks, with names of their own", () => {
    for (const { schema } of schemaVersions.slice(1)) {
      const names = (migrationChunks[schema] ?? []).map(({ name }) => name);
      assert.ok(names.length >= 3, schema);
      assert.equal(new Set(names).size, names.length);
    }
  });

  it("two migrations one after the other do what one over both does", () => {
    const version = fc.constantFrom(...schemaVersions.map(({ schema }) => schema));
    fc.assert(
      fc.property(version, version, version, (...three) => {
        const [first, second, third] = three.sort(compareDotted);
        assert.deepEqual(
          [...pendingVersions(first, second), ...pendingVersions(second, third)],
          pendingVersions(first, third),
        );
      }),
    );
  });
});
