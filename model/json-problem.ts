/** Where a text stops being JSON, and what is probably missing. Holds key names, never values: the text may be secret. */
export interface JsonProblem {
  /** Both from 1. */
  line: number;
  column: number;
  /** Such as `the closing quote of the value of ConnectionStrings__OperationalDatabase is missing`. */
  text: string;
}

/**
 * Says where a text stops being JSON; null when it is JSON. A byte order mark at its start is no problem. `isName`: which keys may be
 * shown; in a damaged text a value can stand where a key should.
 */
export function findJsonProblem(text: string, isName: (key: string) => boolean = () => true): JsonProblem | null {
  const scanner = new Scanner(text, isName);
  try {
    scanner.document();
    return null;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const before = text.slice(0, error.offset).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, text: error.message };
  }
}

/** How deep objects and lists may lie in each other before the text counts as damaged. */
const deepest = 200;

class Stop extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

class Scanner {
  readonly text: string;
  private readonly isName: (key: string) => boolean;
  private at = 0;
  private depth = 0;
  /** The last key read, to name the place. */
  private key: string | null = null;

  constructor(text: string, isName: (key: string) => boolean) {
    this.text = text;
    this.isName = isName;
    if (text.startsWith("\uFEFF")) this.at = 1;
  }

  document(): void {
    this.value();
    this.blanks();
    if (this.at < this.text.length) throw this.stop("there is more text after the end of the JSON document");
  }

  private value(): void {
    this.blanks();
    const next = this.text[this.at];
    if (next === "{") return this.nested(() => this.object());
    if (next === "[") return this.nested(() => this.list());
    if (next === '"') return void this.string(`the value${this.ofKey()}`);
    const word = /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)(?=[\s,\]}]|$)/.exec(this.rest(64));
    if (word === null) throw this.stop(this.noValue(next));
    this.at += word[0].length;
  }

  private nested(inner: () => void): void {
    this.depth += 1;
    if (this.depth > deepest) throw this.stop("objects and lists lie too deep in each other");
    inner();
    this.depth -= 1;
  }

  private object(): void {
    const begun = this.at;
    this.at += 1;
    this.blanks();
    if (this.text[this.at] === "}") return void (this.at += 1);
    for (;;) {
      this.blanks();
      if (this.at >= this.text.length) throw new Stop(begun, "the closing } of this object is missing");
      if (this.text[this.at] === "}") throw this.stop(`there is a comma too many before }${this.after()}`);
      if (this.text[this.at] !== '"') throw this.stop(`the opening quote of a key is missing${this.after()}`);
      const key = this.string("a key");
      this.key = this.isName(key) ? key : null;
      this.blanks();
      if (this.text[this.at] !== ":")
        throw this.stop(`the colon after the key${this.key === null ? "" : ` ${this.key}`} is missing`);
      this.at += 1;
      this.value();
      if (this.separated("}", begun, "the closing } of this object is missing")) return;
    }
  }

  private list(): void {
    const begun = this.at;
    this.at += 1;
    this.blanks();
    if (this.text[this.at] === "]") return void (this.at += 1);
    for (;;) {
      this.value();
      if (this.separated("]", begun, "the closing ] of this list is missing")) return;
    }
  }

  /** After a member: true at the end, false when another one follows. */
  private separated(end: string, begun: number, unclosed: string): boolean {
    this.blanks();
    const next = this.text[this.at];
    if (next === undefined) throw new Stop(begun, unclosed);
    if (next !== end && next !== ",") throw this.stop(`a comma or ${end} is missing${this.after()}`);
    this.at += 1;
    return next === end;
  }

  private string(what: string): string {
    const begun = this.at;
    for (let at = begun + 1; at < this.text.length; at += 1) {
      const next = this.text[at] ?? "";
      if (next === "\n" || next === "\r") break;
      if (next < " ") throw new Stop(at, `${what} contains a control character, which JSON writes as \\t or \\u....`);
      if (next === '"') {
        this.at = at + 1;
        return this.text.slice(begun + 1, at);
      }
      if (next !== "\\") continue;
      if (!/^\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(this.text.slice(at, at + 6)))
        throw new Stop(at, `${what} contains a single backslash; JSON writes it twice: \\\\`);
      at += 1;
    }
    throw new Stop(begun, `the closing quote of ${what} is missing`);
  }

  private noValue(next: string | undefined): string {
    if (next === undefined) return `a value is missing at the end of the text${this.ofKey()}`;
    if (next === "," || next === "}" || next === "]") return `a value is missing${this.ofKey()}`;
    return `the opening quote of the value${this.ofKey()} is missing, or it is no JSON value`;
  }

  private ofKey(): string {
    return this.key === null ? "" : ` of ${this.key}`;
  }

  private after(): string {
    return this.key === null ? "" : ` after the value of ${this.key}`;
  }

  private blanks(): void {
    while (" \t\r\n".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  private rest(length: number): string {
    return this.text.slice(this.at, this.at + length);
  }

  private stop(message: string): Stop {
    return new Stop(this.at, message);
  }
}
