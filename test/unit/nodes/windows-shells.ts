// How Windows programs get their words, after learn.microsoft.com: "Parsing C command-line arguments", `help cmd` (what /c does with quotes),
// about_Quoting_Rules and about_Parsing. Written for the tests: they throw at whatever a shell would read instead of passing on.

/** sshd runs `cmd.exe /c "<line>"` and cmd.exe takes the outer quotes away: more than two quotes, or no program of that name. */
export function cmdThenProgram(line: string): string[] {
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === "%" || character === "!") throw new Error(`cmd.exe expands ${character}`);
    else if (!quoted && /[&|<>^()\r\n]/.test(character)) throw new Error(`cmd.exe reads ${character}`);
  }
  return programWords(line);
}

/** PowerShell's own reading of the line, then the command line that it makes for the program. */
export function powershellThenProgram(line: string, version: "5.1" | "7.3"): string[] {
  const words = powershellWords(line);
  const made = words.map((word) => {
    if (version === "7.3") return word === "" || /[\s"]/.test(word) ? quoteForProgram(word) : word;
    // Windows PowerShell puts quotes around words with blanks and escapes nothing.
    return /\s/.test(word) ? `"${word}"` : word;
  });
  return programWords(made.filter((word) => word !== "").join(" "));
}

function powershellWords(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    const rest = line.slice(at);
    const blank = /^ +/.exec(rest);
    const quoted = /^"([^"$`\u201c\u201d\u201e]*)"(?= |$)/.exec(rest);
    // A bare word; with a point or colon after a dash, or as a number with a suffix, PowerShell makes something else of it.
    const bare =
      /^(?:[A-Za-z_][\w.:\\-]*|-|[\\/-]{1,2}[A-Za-z_][\w/\\-]*|0|[1-9]\d{0,8}|[A-Za-z_][\w/\\-]*)(?= |$)/.exec(rest);
    if (blank === null && quoted === null && bare === null) throw new Error(`PowerShell reads ${rest.slice(0, 10)}`);
    if (quoted !== null && words.length === 0) throw new Error("PowerShell prints a quoted first word");
    if (blank === null) words.push(quoted?.[1] ?? bare?.[0] ?? "");
    at += (blank ?? quoted ?? bare)?.[0].length ?? 1;
  }
  return words;
}

function quoteForProgram(word: string): string {
  return `"${word.replace(/(\\*)("|$)/g, (_, slashes: string, quote: string) => slashes + slashes + (quote === "" ? "" : '\\"'))}"`;
}

/** The C runtime: blanks separate; 2n backslashes before a quote are n and the quote switches, 2n+1 are n and a quote. */
function programWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (const [piece, slashes = "", quote = ""] of line.matchAll(/(\\*)(")|\\+|[^"\\]/g)) {
    if (quote !== "") {
      word = (word ?? "") + "\\".repeat(slashes.length >> 1);
      if (slashes.length % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if (!quoted && /[ \t]/.test(piece)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + piece;
    }
  }
  return word === null ? words : [...words, word];
}
