import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import { verifyPages } from "../../../model/ledger-verify.ts";

describe("a ledger in files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cutover-ledger-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = () => openFileLedger({ stack: "infomart-dev", folder });

  it("is empty before the first write and writes nothing when asked for nothing", async () => {
    assert.deepEqual(await open().pages(), []);
    await open().update(() => null);
    assert.deepEqual(await readdir(folder), []);
  });

  it("loses nothing when many write at once, whatever mix of pages they open, fill and close", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 10 }), async (closes) => {
        const own = await mkdtemp(join(folder, "run-"));
        await Promise.all(
          closes.map((close, writer) =>
            openFileLedger({ stack: "s", folder: own }).update((pages) => ({
              bodies: [{ kind: "note", text: `writer ${writer}` }],
              page: pages.at(-1)?.open === true ? "current" : "new",
              open: !close,
            })),
          ),
        );
        const pages = await openFileLedger({ stack: "s", folder: own }).pages();
        assert.deepEqual(verifyPages(pages), []);
        const texts = pages.flatMap((page) => page.entries).map((entry) => (entry.kind === "note" ? entry.text : ""));
        assert.deepEqual(texts.sort(), closes.map((_close, writer) => `writer ${writer}`).sort());
      }),
      { numRuns: 15 },
    );
  }).timeout(60_000);

  it("keeps a closed page as it is and refuses a second open one", async () => {
    const ledger = open();
    await ledger.update(() => ({ bodies: [{ kind: "note", text: "a" }], page: "new", open: true }));
    await assert.rejects(
      ledger.update(() => ({ bodies: [{ kind: "note", text: "b" }], page: "new", open: true })),
      /page 1 is still open/,
    );
    await ledger.update(() => ({ bodies: [{ kind: "note", text: "c" }], page: "current", open: false }));
    await assert.rejects(
      ledger.update(() => ({ bodies: [{ kind: "note", text: "d" }], page: "current", open: false })),
      /no open page/,
    );
    const pages = await ledger.append({ kind: "note", text: "e" });
    assert.deepEqual(
      pages.map((page) => [page.number, page.open, page.entries.length]),
      [
        [1, false, 2],
        [2, false, 1],
      ],
    );
  });

  it("goes on after a writer was killed while it held the lock", async () => {
    const ledger = open();
    await ledger.update(() => ({ bodies: [{ kind: "note", text: "a" }], page: "new", open: true }));
    const lock = join(folder, "page-000001.json.lock");
    await writeFile(lock, "");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    const pages = await ledger.append({ kind: "note", text: "b" });
    assert.equal(pages[0]?.entries.length, 2);
  });

  it("names a page that is not readable", async () => {
    await writeFile(join(folder, "page-000001.json"), '{"stack":');
    await assert.rejects(open().pages(), /CUT-5004 the ledger page page-000001.json is not readable/);
  });
});
