import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { CutoverError } from "../../../model/error.ts";
import { nodeProcedure } from "../../../model/nodes.ts";
import { commandLine, fillIn, posixCommandLine, windowsCommandLine } from "../../../model/nodes/command-line.ts";
import { folderCommands } from "../../../model/nodes/folder-commands.ts";
import { cmdThenProgram, powershellThenProgram } from "./windows-shells.ts";

const word = fc.string({ unit: "binary", maxLength: 20 }).filter((text) => !text.includes("\0") && text.isWellFormed());
const nasty = fc.string({
  unit: fc.constantFrom(...("ab \\\"'`$%!&|<>^(){}[];,=@#~*?-/.:\u201c\u201d\u2019äß😀".match(/./gu) ?? [])),
  maxLength: 12,
});
const refused = (error: unknown): boolean => error instanceof CutoverError && error.details.code === "CUT-4358";

describe("commands for nodes", () => {
  it("property: a real sh hands a program exactly the words that were quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, nasty), { maxLength: 5 }), (words) => {
        const line = posixCommandLine(["printf", "%s\\0", ...words]);
        const printed = execFileSync("sh", ["-c", line], { encoding: "utf8" });
        // Without words printf prints its format once.
        assert.deepEqual(printed.split("\0").slice(0, -1), words.length === 0 ? [""] : words);
      }),
      { numRuns: 150 },
    );
  });

  it("property: the program itself may have any name", () => {
    fc.assert(
      fc.property(nasty, (name) => {
        fc.pre(name !== "" && !name.includes("/"));
        const line = posixCommandLine(["sh", "-c", 'printf %s "$0"', name]);
        assert.equal(execFileSync("sh", ["-c", line], { encoding: "utf8" }), name);
      }),
      { numRuns: 50 },
    );
    assert.throws(() => execFileSync("sh", ["-c", posixCommandLine(["a=b"])], { stdio: "pipe" }), /not found/);
  });

  it("property: what is not refused reaches a Windows program unchanged, through cmd.exe as through both PowerShells", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(word, nasty), { maxLength: 4 }), (words) => {
        let line: string;
        try {
          line = windowsCommandLine(["tar", ...words]);
        } catch (error) {
          assert.ok(refused(error), String(error));
          return;
        }
        accepted += 1;
        assert.deepEqual(cmdThenProgram(line), ["tar", ...words]);
        assert.deepEqual(powershellThenProgram(line, "5.1"), ["tar", ...words]);
        assert.deepEqual(powershellThenProgram(line, "7.3"), ["tar", ...words]);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(accepted > 200, `only ${accepted} were accepted`);
  });

  for (const wrong of ["50%", "a!b", "$HOME", "`x", 'say "hi"', "\u201cx\u201d", "", "C:\\a b\\", "a\nb", "\ud800"]) {
    it(`a Windows word ${JSON.stringify(wrong)} is refused with advice`, () => {
      assert.throws(
        () => windowsCommandLine(["tar", wrong]),
        (error) => refused(error) && error instanceof CutoverError && /EncodedCommand/.test(error.details.next ?? ""),
      );
    });
  }

  it("a Windows program with blanks in its name is started by cmd /c", () => {
    assert.throws(() => windowsCommandLine(["C:\\Program Files\\x.exe"]), refused);
    const line = windowsCommandLine(["cmd", "/c", "C:\\Program Files\\RPI\\stop.cmd"]);
    assert.equal(line, 'cmd /c "C:\\Program Files\\RPI\\stop.cmd"');
    assert.throws(() => windowsCommandLine(["cmd", "/c", "move", "C:\\a&b"]), refused);
  });

  it("the default commands are understood for the default folders of seed 000", () => {
    const procedure = nodeProcedure.parse({ stop: ["net", "stop", "RPI"], start: ["x"], running: ["x"] });
    assert.deepEqual(procedure.folders, ["C:\\Program Files\\RedPoint Global", "C:\\inetpub\\wwwrpi"]);
    const lines = procedure.folders.map((folder) =>
      [procedure.archive, procedure.list, procedure.extract].map((argv) =>
        commandLine(procedure.system, fillIn(argv, { folder })),
      ),
    );
    assert.deepEqual(lines[0], [
      'tar -cf - -C "C:\\Program Files\\RedPoint Global" "."',
      'cmd /u /c dir /s /b /a-d "C:\\Program Files\\RedPoint Global"',
      'tar -xf - -C "C:\\Program Files\\RedPoint Global"',
    ]);
    const { exists, move, make } = folderCommands.windows;
    const filled = [exists.argv, move, make].map((argv) =>
      commandLine("windows", fillIn(argv, { folder: "C:\\a b", target: "C:\\a b.replaced-1" })),
    );
    assert.deepEqual(filled, [
      'cmd /c if not exist "C:\\a b" exit 3',
      'cmd /c move "C:\\a b" "C:\\a b.replaced-1"',
      'cmd /c mkdir "C:\\a b"',
    ]);
  });

  it("a folder's name is filled in as it is", () => {
    assert.deepEqual(fillIn(["-C", "${folder}", "${other}"], { folder: "$& $1 ${folder}" }), [
      "-C",
      "$& $1 ${folder}",
      "${other}",
    ]);
  });
});
