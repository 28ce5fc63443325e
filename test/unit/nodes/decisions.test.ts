import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeArchive, subjectOf, type ArchiveFacts } from "../../../model/nodes/archive.ts";
import { missingFrom, parseFileList } from "../../../model/nodes/file-list.ts";
import { replacedName } from "../../../model/nodes/folder-commands.ts";
import { fingerprint, keyType, offeredAlgorithms, parseHostKey } from "../../../model/nodes/host-key.ts";
import { nodeProcedure, nodeSettings } from "../../../model/nodes.ts";
import { runStateOf, whyNotQuiesced } from "../../../model/nodes/run-state.ts";

// Made for this test by ssh-keygen -t ed25519; its private half was thrown away. The fingerprint is what ssh-keygen -l printed.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFN2wfUmi9N4zdkX4oNg01FZ2A4IkRNOO3emfxcQ4JcN";

describe("decisions about nodes", () => {
  describe("an archive", () => {
    const good: ArchiveFacts = {
      system: "posix",
      exitCode: 0,
      complaints: [],
      listed: ["a", "b/c.dll"],
      archived: ["b/c.dll", "a", "new.log"],
      complete: true,
    };

    it("is whole when all that was listed is in it; what came later does no harm", () => {
      assert.deepEqual(judgeArchive(good), { kind: "whole", unreadable: [] });
    });

    it("property: without its end mark, or ended by a signal, it is never whole", () => {
      const facts = fc.record({
        exitCode: fc.option(fc.constantFrom(0, 1, 2)),
        complete: fc.boolean(),
        archived: fc.subarray([...good.archived]),
      });
      fc.assert(
        fc.property(facts, (change) => {
          const { kind } = judgeArchive({
            ...good,
            complaints: ["tar: ./a: Cannot open: Permission denied"],
            ...change,
          });
          assert.equal(kind, change.complete && change.exitCode !== null ? "whole" : "cut");
        }),
      );
    });

    it("names what is missing and what tar complained of, each once", () => {
      const complaints = [
        "tar: ./b/c.dll: Cannot open: Permission denied",
        "tar: ./a: file changed as we read it",
        "tar: ./closed: Cannot open: Permission denied",
        "tar: Exiting with failure status due to previous errors",
        "",
      ];
      const verdict = judgeArchive({ ...good, exitCode: 2, complaints, archived: ["a"] });
      assert.deepEqual(verdict, {
        kind: "whole",
        unreadable: ["b/c.dll", "a", "tar: ./closed: Cannot open: Permission denied"],
      });
    });

    it("a failure that nobody explains makes it useless", () => {
      assert.equal(judgeArchive({ ...good, exitCode: 2 }).kind, "cut");
    });

    it("understands bsdtar's words for a locked file, and GNU's octal letters", () => {
      const listed = ["Plugins/x.dll", "Plugins/x.dll.config", "ä/ß"];
      const locked = "tar.exe: Couldn't open ./Plugins/x.dll: The process cannot access the file";
      assert.equal(subjectOf(locked, listed), "Plugins/x.dll");
      assert.equal(subjectOf("tar: ./\\303\\244/\\303\\237: Cannot open", listed), "ä/ß");
      assert.equal(subjectOf("tar: ./yPlugins/x.dll2: Cannot open", listed), "tar: ./yPlugins/x.dll2: Cannot open");
    });
  });

  describe("a list of files", () => {
    it("Windows: UTF-16 as cmd /u writes it, and UTF-8; drive letters in any case", () => {
      const text = "C:\\Program Files\\RPI\\Überblick.dll\r\nc:\\program files\\rpi\\bin\\a.exe\r\n";
      const wanted = { files: ["Überblick.dll", "bin/a.exe"], strange: [] };
      assert.deepEqual(parseFileList(Buffer.from(text, "utf16le"), "windows", "C:\\Program Files\\RPI"), wanted);
      assert.deepEqual(parseFileList(Buffer.from(`\ufeff${text}`), "windows", "C:\\Program Files\\RPI\\"), wanted);
    });

    it("POSIX: newlines, or NUL where names hold newlines", () => {
      assert.deepEqual(parseFileList(Buffer.from("/a/b\n/a/c d\n"), "posix", "/a").files, ["b", "c d"]);
      assert.deepEqual(parseFileList(Buffer.from("/a/b\nc\0/a/d\0"), "posix", "/a/").files, ["b\nc", "d"]);
    });

    it("what is not below the folder is no file of it", () => {
      const { files, strange } = parseFileList(Buffer.from("File Not Found\r\nC:\\RPIx\\a\r\n"), "windows", "C:\\RPI");
      assert.deepEqual([files, strange], [[], ["File Not Found", "C:\\RPIx\\a"]]);
    });

    it("capital letters count on POSIX only", () => {
      assert.deepEqual(missingFrom(["A.dll"], ["a.dll"], "windows"), []);
      assert.deepEqual(missingFrom(["A.dll"], ["a.dll"], "posix"), ["A.dll"]);
    });
  });

  describe("host keys", () => {
    it("reads type and bytes, and prints the fingerprint that ssh-keygen prints", () => {
      const { type, bytes } = parseHostKey(`${publicKey} root@node`);
      assert.equal(type, "ssh-ed25519");
      assert.equal(keyType(bytes), "ssh-ed25519");
      assert.equal(fingerprint(bytes), "SHA256:OoHzoQqsjK8ZUkq1FVn1nckxyGkiuIlT+rh+Z41YUeI");
    });

    for (const wrong of ["", "ssh-ed25519", publicKey.replace("ed25519", "rsa"), "SHA256:abcdef", "ssh-ed25519 AAAA"]) {
      it(`refuses "${wrong.slice(0, 24)}"`, () => {
        assert.throws(() => parseHostKey(wrong), /CUT-4351/);
      });
    }

    it("the pinned type is asked for first, the others still, SHA-1 never", () => {
      assert.equal(offeredAlgorithms("ecdsa-sha2-nistp256")[0], "ecdsa-sha2-nistp256");
      assert.deepEqual(offeredAlgorithms("ssh-rsa").slice(0, 2), ["rsa-sha2-512", "rsa-sha2-256"]);
      assert.ok(offeredAlgorithms("ssh-rsa").includes("ssh-ed25519"));
      assert.ok(!offeredAlgorithms("ssh-rsa").includes("ssh-rsa"));
    });
  });

  it("only exit code 1 says stopped, only 0 says running", () => {
    assert.deepEqual([0, 1, 2, 255, null].map(runStateOf), ["running", "stopped", "unknown", "unknown", "unknown"]);
  });

  it("v6 is stopped only where its own databases are migrated", () => {
    const procedure = nodeProcedure.parse({ stop: ["x"], start: ["x"], running: ["x"] });
    const reference = { namespace: "rpi", secret: "nodes", key: "key" };
    const node = nodeSettings.parse({ name: "a", address: "a", user: "u", hostKey: publicKey, privateKey: reference });
    const spec = { nodes: [node], procedure, operationalDatabases: { mode: "inPlace" } } as const;
    assert.equal(whyNotQuiesced(spec), null);
    assert.match(whyNotQuiesced({ ...spec, operationalDatabases: { mode: "clone" } }) ?? "", /v6 runs on/);
    assert.match(whyNotQuiesced({ ...spec, nodes: [] }) ?? "", /no nodes/);
    assert.match(whyNotQuiesced({ ...spec, procedure: null }) ?? "", /no release set/);
  });

  it("a replaced folder is kept beside its successor", () => {
    assert.equal(replacedName("C:\\inetpub\\wwwrpi\\", "20261122_1"), "C:\\inetpub\\wwwrpi.replaced-20261122_1");
    assert.equal(replacedName("/srv/rpi", "1"), "/srv/rpi.replaced-1");
  });
});
