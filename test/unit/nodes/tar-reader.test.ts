import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { memberPath, parseFileList } from "../../../model/nodes/file-list.ts";
import { createTarReader } from "../../../model/nodes/tar-reader.ts";

interface Read {
  files: string[];
  complete: boolean;
}

function read(archive: Buffer, chunk = 65_536): Read {
  const files: string[] = [];
  const reader = createTarReader(({ path, directory }) => {
    if (!directory) files.push(memberPath(path));
  });
  for (let at = 0; at < archive.length; at += chunk) reader.push(archive.subarray(at, at + chunk));
  return { files: files.sort(), complete: reader.complete() };
}

const tar = (folder: string, ...options: string[]): Buffer =>
  execFileSync("tar", [...options, "-cf", "-", "-C", folder, "."], { maxBuffer: 1 << 28 });

function listed(folder: string): string[] {
  const output = execFileSync("find", [folder, "!", "-type", "d", "-print0"]);
  return parseFileList(output, "posix", folder).files.sort();
}

// Names that need GNU's long names, pax headers or the prefix of ustar.
const part = fc
  .string({ unit: fc.constantFrom(...("abcXYZ012 .-_äß€&'\\\n".match(/./gsu) ?? [])), minLength: 1, maxLength: 90 })
  .filter((name) => name !== "." && name !== "..");
const tree = fc.array(fc.record({ path: fc.array(part, { minLength: 1, maxLength: 4 }), bytes: fc.nat(3_000) }), {
  minLength: 1,
  maxLength: 12,
});

describe("reading tar archives", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cutover-tar-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const format of ["gnu", "pax", "oldgnu"]) {
    it(`property: names every file that the real tar wrote (${format}), in whatever pieces it comes`, () => {
      fc.assert(
        fc.property(tree, fc.integer({ min: 1, max: 2_000 }), (entries, chunk) => {
          rmSync(folder, { recursive: true });
          mkdirSync(folder);
          for (const { path, bytes } of entries) {
            try {
              mkdirSync(join(folder, dirname(path.join("/"))), { recursive: true });
              writeFileSync(join(folder, ...path), Buffer.alloc(bytes, 7));
            } catch {
              // The name of one is a folder of another.
            }
          }
          assert.deepEqual(read(tar(folder, `--format=${format}`), chunk), { files: listed(folder), complete: true });
        }),
        { numRuns: 12 },
      );
    });
  }

  it("an archive that was cut anywhere before its end mark is not complete", () => {
    for (const name of ["a", "b"]) writeFileSync(join(folder, name), "x".repeat(1_500));
    const archive = tar(folder);
    const whole = read(archive);
    assert.deepEqual(whole, { files: ["a", "b"], complete: true });
    const lastContent = archive.findLastIndex((byte) => byte !== 0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastContent + 512 }), (length) => {
        assert.equal(read(archive.subarray(0, length)).complete, false);
      }),
    );
  });

  it("property: a changed byte in a header is noticed", () => {
    writeFileSync(join(folder, "file"), "x");
    const archive = tar(folder);
    fc.assert(
      fc.property(fc.nat(511), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(archive);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        assert.throws(() => read(damaged), /header/);
      }),
    );
  });

  it("links are files, folders are not; hard links, sparse files and long link targets do not confuse it", () => {
    writeFileSync(join(folder, "file"), "content");
    linkSync(join(folder, "file"), join(folder, "hard"));
    symlinkSync("x".repeat(180), join(folder, "soft"));
    mkdirSync(join(folder, "empty"));
    const holes = openSync(join(folder, "sparse"), "w");
    for (let at = 0; at < 60; at += 1) writeSync(holes, "data", at * 100_000);
    closeSync(holes);
    for (const options of [["-S", "--format=gnu"], ["-S", "--format=pax"], ["--format=pax"]]) {
      const found = read(tar(folder, ...options), 700);
      assert.deepEqual(found, { files: ["file", "hard", "soft", "sparse"], complete: true }, options.join(" "));
    }
  });

  it("sizes beyond eight gigabytes are read (base 256)", () => {
    const header = Buffer.alloc(512);
    header.write("big", 0);
    header.write("ustar  \0", 257);
    header.write("0", 156);
    header[124] = 0x80;
    header.writeBigUInt64BE(9_000_000_000n, 128);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const entries: number[] = [];
    createTarReader(({ bytes }) => entries.push(bytes)).push(header);
    assert.deepEqual(entries, [9_000_000_000]);
  });
});
