import { CutoverError } from "../error.ts";
import type { NodeProcedure } from "../nodes.ts";

/** Puts values for `${name}` into every word of a command; nothing is quoted yet. */
export function fillIn(argv: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return argv.map((word) => word.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
}

/** The one line that an SSH server hands to its shell, such that the program gets exactly these words. Throws CUT-4358. */
export function commandLine(system: NodeProcedure["system"], argv: readonly string[]): string {
  return system === "posix" ? posixCommandLine(argv) : windowsCommandLine(argv);
}

/**
 * POSIX.1-2024, Shell Command Language 2.2.2: between single quotes every character stands for itself, and a single quote cannot occur.
 */
export function posixCommandLine(argv: readonly string[]): string {
  if (argv.some((word) => word.includes("\0") || !word.isWellFormed())) {
    throw unquotable(argv, "a NUL byte or half a character cannot be part of a command");
  }
  if ((argv[0] ?? "") === "") throw unquotable(argv, "there is no program in it");
  return argv.map((word) => (plainPosix.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

// A first word with "=" would be an assignment.
const plainPosix = /^[A-Za-z0-9_./:@%+-]+$/;

/**
 * A line that means the same to cmd.exe (the default shell of OpenSSH for Windows: sshd runs `cmd.exe /c "<line>"`, PowerShell/Win32-OpenSSH
 * issue 1273) and to PowerShell, since nothing tells beforehand which of them is set (learn.microsoft.com: OpenSSH server configuration,
 * DefaultShell). Between double quotes cmd.exe still reads `%` and, where delayed expansion is on, `!`; PowerShell reads `$`, the backtick and
 * the typographic quotes (about_Quoting_Rules); both pass a backslash before the closing quote on in different ways, and Windows PowerShell
 * drops empty words (about_Parsing). What both cannot be told in the same words is refused: it belongs into a script on the node, or into
 * `powershell -EncodedCommand <base64>`.
 */
export function windowsCommandLine(argv: readonly string[]): string {
  const [program = "", ...words] = argv;
  if (program === "") throw unquotable(argv, "there is no program in it");
  if (!plainProgram.test(program)) {
    throw unquotable(
      argv,
      `PowerShell would print the program's name "${program}" instead of running it: put cmd /c before it`,
    );
  }
  for (const word of words) {
    const problem = windowsProblem(word) ?? (isCmd.test(program) ? cmdProblem(word) : null);
    if (problem !== null) throw unquotable(argv, problem);
  }
  return [program, ...words.map((word) => (plainWindows.test(word) ? word : `"${word}"`))].join(" ");
}

const plainProgram = /^[A-Za-z_][A-Za-z0-9_.:\\-]*$/;
// Bare words that neither of them splits (PowerShell: a point or colon after a dash) or reads as a number of another form; cmd.exe's `exit` wants
// its number bare.
const plainWindows = /^(-|[/\\-]{0,2}[A-Za-z_][A-Za-z0-9_/\\-]*|0|[1-9]\d{0,8})$/;
// Without a blank in it PowerShell takes a word's quotes away, and cmd.exe reads these in the words of its own commands.
const readByCmd = /[&|<>^(),;=@]/;
const isCmd = /(^|\\)cmd(\.exe)?$/i;
const readInQuotes = /["%!$`\u201c\u201d\u201e]/;
const lastControl = 0x1f;

function windowsProblem(word: string): string | null {
  if (word === "") return "Windows PowerShell drops an empty word";
  const read = readInQuotes.exec(word)?.[0];
  if (read !== undefined) return `cmd.exe or PowerShell would read ${read} in "${word}"`;
  if ([...word].some((character) => (character.codePointAt(0) ?? 0) <= lastControl)) {
    return "a line break or another control character cannot be part of it";
  }
  if (!word.isWellFormed()) return "half a character cannot be part of it";
  if (word.endsWith("\\") && !plainWindows.test(word)) return `"${word}" ends with a backslash: leave it out`;
  return null;
}

function cmdProblem(word: string): string | null {
  const read = /\s/.test(word) ? undefined : readByCmd.exec(word)?.[0];
  return read === undefined ? null : `under PowerShell cmd.exe would read ${read} in ${word}`;
}

function unquotable(argv: readonly string[], problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4358",
    verdict: "failed",
    happened: `the command ${argv[0] ?? ""} cannot be handed to a node's shell safely`,
    evidence: [problem],
    untouched: "The command was not run.",
    next: "Put it into a script on the node (on Windows also: powershell -EncodedCommand <base64>) and name that in the release set.",
  });
}
