import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { toolchainCache } from "../../../sandbox/toolchain/cache-folder.ts";
import { fetchDownload, reachable } from "../../../sandbox/toolchain/fetch-download.ts";
import { withFolderLock } from "../../../sandbox/toolchain/folder-lock.ts";
import { findOnPath } from "../../../sandbox/toolchain/on-path.ts";
import { digestOfGoSources } from "../../../sandbox/toolchain/source-digest.ts";
import { toolNames, toolOf } from "../../../sandbox/toolchain/tools.ts";
import { atMostTwo } from "../../../sandbox/toolchain/two-at-once.ts";
import { duration } from "../../../sandbox/toolchain/progress.ts";
import { runCommand } from "../../../sandbox/process/run.ts";

describe("toolchain", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "cutover-toolchain-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("takes only versions that serve us", () => {
    const suits = (name: (typeof toolNames)[number], output: string): boolean => toolOf(name).suits(output);
    assert.equal(suits("pulumi", "v3.259.0\n"), true);
    assert.equal(suits("pulumi", "v3.300.1"), true);
    assert.equal(suits("pulumi", "v3.258.9"), false);
    assert.equal(suits("helm", 'version.BuildInfo{Version:"v3.20.2", GitCommit:""}'), true);
    assert.equal(suits("helm", 'version.BuildInfo{Version:"v3.20.21"}'), false);
    assert.equal(suits("kubernetes", "Client Version: v1.32.4-dispatcher"), false);
    assert.equal(suits("kubernetes", "Kubernetes v1.34.4"), true);
    assert.equal(suits("etcd", "etcd Version: 3.4.23\nGo Version: go1.3.6.4"), false);
    assert.equal(suits("prometheus", "prometheus, version 3.6.0 (branch: )"), true);
  });

  it("has a Go module with exactly the pinned version for every tool, and sums for it", async () => {
    const modules = new URL("../../../sandbox/toolchain/go/", import.meta.url);
    for (const name of toolNames) {
      const tool = toolOf(name);
      const goMod = await readFile(new URL(`${name}/go.mod`, modules), "utf8");
      assert.match(goMod, new RegExp(`\\s${tool.version.replaceAll(".", "\\.")}\\s`), name);
      for (const binary of tool.binaries) assert.ok(goMod.includes(binary.package), `${name}: ${binary.package}`);
      assert.ok((await readFile(new URL(`${name}/go.sum`, modules), "utf8")).length > 100, name);
    }
  });

  it("keeps its cache where the XDG variable says, but only if that is a full path", () => {
    assert.equal(toolchainCache({ XDG_CACHE_HOME: "/x" }), "/x/cutover/toolchain");
    assert.match(toolchainCache({ XDG_CACHE_HOME: "x" }), /\.cache\/cutover\/toolchain$/);
  });

  it("finds programs on PATH, not folders and not what node_modules brings", async () => {
    const bin = path.join(folder, "bin");
    const modules = path.join(folder, "node_modules", ".bin");
    for (const place of [bin, modules]) {
      await mkdir(place, { recursive: true });
      await writeFile(path.join(place, "tool"), "");
      await chmod(path.join(place, "tool"), 0o755);
    }
    await mkdir(path.join(folder, "tool"));
    const PATH = [folder, modules, bin].join(path.delimiter);
    assert.equal(findOnPath("tool", { PATH }), path.join(bin, "tool"));
    assert.equal(findOnPath("other", { PATH }), null);
  });

  it("the digest of Go sources changes with a source, not with a test", async () => {
    await writeFile(path.join(folder, "main.go"), "package main");
    const first = await digestOfGoSources(folder);
    await writeFile(path.join(folder, "main_test.go"), "package main");
    assert.equal(await digestOfGoSources(folder), first);
    await writeFile(path.join(folder, "main.go"), "package  main");
    assert.notEqual(await digestOfGoSources(folder), first);
  });

  it("works on two things at once, never three, and stops after an error", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    const work = async (item: number): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      if (item === 3) throw new Error("third");
      done.push(item);
    };
    await atMostTwo([1, 2], work);
    assert.equal(most, 2);
    await assert.rejects(atMostTwo([3, 4, 5, 6, 7], work), /third/);
    assert.ok(most === 2 && !done.includes(7));
  });

  it("writes durations as people do", () => {
    assert.deepEqual([0.4, 59, 60, 450].map(duration), ["0s", "59s", "1m00s", "7m30s"]);
  });

  describe("lock", () => {
    it("lets a second one wait, and says whom it waits for", async () => {
      const file = path.join(folder, "x.lock");
      const order: string[] = [];
      const said: string[] = [];
      const pause = (name: string) => async (): Promise<void> => {
        order.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        order.push(`${name} out`);
      };
      await Promise.all([
        withFolderLock(file, "x", (line) => said.push(line), pause("a")),
        withFolderLock(file, "x", (line) => said.push(line), pause("b")),
      ]);
      assert.match(order.join(), /^(a in,a out,b in,b out|b in,b out,a in,a out)$/);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", new RegExp(`process ${process.pid} .* waiting`));
      assert.deepEqual(await readdir(folder), []);
    });

    it("takes over the lock of a process that was killed", async () => {
      const file = path.join(folder, "x.lock");
      const holder = `import { withFolderLock } from ${JSON.stringify(new URL("../../../sandbox/toolchain/folder-lock.ts", import.meta.url).href)};
        await withFolderLock(${JSON.stringify(file)}, "x", () => {}, () => new Promise(() => setInterval(() => {}, 1000)));`;
      const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", holder], { stdio: "ignore" });
      while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      assert.equal(
        await withFolderLock(
          file,
          "x",
          () => undefined,
          () => Promise.resolve("mine"),
        ),
        "mine",
      );
      assert.equal(existsSync(file), false);
    });

    it("is given back after an error", async () => {
      const file = path.join(folder, "x.lock");
      const fail = (): Promise<never> => Promise.reject(new Error("broken"));
      await assert.rejects(
        withFolderLock(file, "x", () => undefined, fail),
        /broken/,
      );
      assert.equal(existsSync(file), false);
    });
  });

  describe("official download", () => {
    let server: Server;
    let base = "";
    const files = new Map<string, Buffer>();
    before(async () => {
      server = createServer((request, response) => {
        const body = files.get(request.url ?? "");
        response.writeHead(body === undefined ? 404 : 200).end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => new Promise((resolve) => server.close(resolve)));

    async function publishArchive(checksum: (actual: string) => string): Promise<void> {
      const inner = path.join(folder, "source", "release-1.0");
      await mkdir(inner, { recursive: true });
      await writeFile(path.join(inner, "tool"), "#!/bin/sh\necho 1.0\n");
      await writeFile(path.join(inner, "README"), "not wanted");
      const archive = path.join(folder, "a.tar.gz");
      await runCommand("tar", ["-czf", archive, "-C", path.join(folder, "source"), "release-1.0"]);
      const bytes = await readFile(archive);
      files.set("/a.tar.gz", bytes);
      const sum = checksum(createHash("sha256").update(bytes).digest("hex"));
      files.set("/sums", Buffer.from(`${"0".repeat(64)}  other.tar.gz\n${sum}  a.tar.gz\n`));
    }
    const archive = () => ({
      probe: base,
      files: [
        { url: `${base}/a.tar.gz`, checksumUrl: `${base}/sums`, checksumName: "a.tar.gz", content: "archive" as const },
      ],
    });

    it("takes the wanted programs out of an archive whose sum is right, and leaves nothing else", async () => {
      await publishArchive((actual) => actual);
      const target = path.join(folder, "target");
      assert.deepEqual(await fetchDownload(archive(), target, ["tool"]), ["tool"]);
      assert.deepEqual(await readdir(target), ["tool"]);
      assert.equal((await runCommand(path.join(target, "tool"), [])).stdout, "1.0\n");
    });

    it("refuses a file that is not what was published", async () => {
      await publishArchive(() => "1".repeat(64));
      const target = path.join(folder, "target");
      await assert.rejects(fetchDownload(archive(), target, ["tool"]), /CUT-9002/);
      assert.deepEqual(await readdir(target), []);
    });

    it("stores a bare program, and reports a missing file", async () => {
      files.set("/tool-linux", Buffer.from("#!/bin/sh\necho bare\n"));
      const target = path.join(folder, "target");
      const bare = { probe: base, files: [{ url: `${base}/tool-linux`, content: { program: "tool" } }] };
      assert.deepEqual(await fetchDownload(bare, target, ["tool"]), ["tool"]);
      assert.equal((await runCommand(path.join(target, "tool"), [])).stdout, "bare\n");
      const missing = { probe: base, files: [{ url: `${base}/none`, content: { program: "tool" } }] };
      await assert.rejects(fetchDownload(missing, target, ["tool"]), /answered 404/);
    });

    it("knows what can be reached", async () => {
      assert.equal(await reachable(base), true);
      assert.equal(await reachable("http://127.0.0.1:9"), false);
    });
  });
});
