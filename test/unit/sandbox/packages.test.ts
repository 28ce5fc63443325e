import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

interface PackageInstaller {
  ensurePackages: (root: string) => Promise<string | null>;
}
const { ensurePackages } = createRequire(import.meta.url)("../../../scripts/ensure-packages.cjs") as PackageInstaller;

const empty = {
  name: "x",
  version: "1.0.0",
  lockfileVersion: 3,
  requires: true,
  packages: { "": { name: "x", version: "1.0.0" } },
};

describe("packages of a fresh clone", () => {
  let root = "";
  const marker = () => path.join(root, "node_modules", ".cutover-lock-sha256");
  const writeLock = (packages: object) =>
    writeFile(path.join(root, "package-lock.json"), JSON.stringify({ ...empty, packages }));
  const writeInstalled = (packages: object) =>
    writeFile(path.join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "cutover-packages-"));
    await mkdir(path.join(root, "node_modules"));
    await writeFile(path.join(root, "package.json"), JSON.stringify({ name: "x", version: "1.0.0", private: true }));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("an install by hand that fits the lock file is accepted; packages for other machines may be missing", async () => {
    const present = { "node_modules/a": { version: "1.0.0" } };
    await writeLock({ "": {}, ...present, "node_modules/other-cpu": { version: "1.0.0", optional: true } });
    await writeInstalled(present);
    assert.equal(await ensurePackages(root), null);
    assert.equal(existsSync(marker()), true);
  });

  it("a package that is missing means installing, once", async function () {
    this.timeout(60_000);
    await mkdir(path.join(root, "a"));
    await writeFile(path.join(root, "a", "package.json"), JSON.stringify({ name: "a", version: "1.0.0" }));
    const dependencies = { a: "file:./a" };
    const self = { name: "x", version: "1.0.0", dependencies };
    await writeFile(path.join(root, "package.json"), JSON.stringify(self));
    await writeLock({ "": self, a: { version: "1.0.0" }, "node_modules/a": { resolved: "a", link: true } });
    assert.equal(await ensurePackages(root), null);
    assert.equal(existsSync(path.join(root, "node_modules", "a", "package.json")), true);
    const installedAt = (await stat(marker())).mtimeMs;
    assert.equal(await ensurePackages(root), null);
    assert.equal((await stat(marker())).mtimeMs, installedAt);
    assert.equal(existsSync(path.join(root, ".cutover", "install.lock")), false);
  });

  it("says so when npm cannot install", async function () {
    this.timeout(60_000);
    const dependencies = { a: "file:./missing" };
    await writeFile(path.join(root, "package.json"), JSON.stringify({ name: "x", version: "1.0.0", dependencies }));
    await writeLock({ "": { name: "x", version: "1.0.0" }, "node_modules/b": { version: "1.0.0" } });
    assert.match((await ensurePackages(root)) ?? "", /npm ci failed/);
    assert.equal(existsSync(path.join(root, ".cutover", "install.lock")), false);
  });
});
