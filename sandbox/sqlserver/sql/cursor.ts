// STAND-IN for SQL Server: walks over the words of a statement.
import { SqlError } from "../engine/sql-error.ts";
import { tokensOf, type PlacedToken } from "./tokens.ts";

export class Cursor {
  readonly sql: string;
  private readonly tokens: PlacedToken[];
  private position = 0;

  /** @throws SqlError when the text cannot be cut into words. */
  constructor(sql: string) {
    this.sql = sql;
    this.tokens = tokensOf(sql);
  }

  peek(ahead = 0): PlacedToken {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)] as PlacedToken;
  }

  next(): PlacedToken {
    const token = this.peek();
    if (token.kind !== "end") this.position++;
    return token;
  }

  get atEnd(): boolean {
    return this.peek().kind === "end";
  }

  /** True when the next words are these keywords. */
  isAt(...words: readonly string[]): boolean {
    return words.every((word, index) => {
      const token = this.peek(index);
      return token.kind === "word" && token.text.toUpperCase() === word;
    });
  }

  isAtSymbol(symbol: string): boolean {
    const token = this.peek();
    return token.kind === "symbol" && token.text === symbol;
  }

  /** Takes these keywords if they are next. */
  accept(...words: readonly string[]): boolean {
    if (!this.isAt(...words)) return false;
    this.position += words.length;
    return true;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isAtSymbol(symbol)) return false;
    this.position++;
    return true;
  }

  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.unexpected();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.unexpected();
  }

  /** A name, plain or quoted. */
  name(): string {
    const token = this.peek();
    if (token.kind !== "word" && token.kind !== "quoted") throw this.unexpected();
    this.position++;
    return token.text;
  }

  /** A name of up to four parts; an empty part (`db..table`) is "". */
  names(): string[] {
    const parts = [this.name()];
    while (this.acceptSymbol(".")) parts.push(this.isAtSymbol(".") ? "" : this.name());
    return parts;
  }

  variable(): string {
    const token = this.next();
    if (token.kind !== "variable") throw this.unexpected(token);
    return token.text.slice(1).toLowerCase();
  }

  wholeNumber(): number {
    const token = this.next();
    if (token.kind !== "number" || !/^\d+$/.test(token.text)) throw this.unexpected(token);
    return Number(token.text);
  }

  /** Several of something, separated by commas. */
  list<Item>(item: () => Item): Item[] {
    const items = [item()];
    while (this.acceptSymbol(",")) items.push(item());
    return items;
  }

  /** Text between two places, for messages. */
  textFrom(start: number): string {
    return this.sql.slice(start, this.peek().start).trim();
  }

  unexpected(token: PlacedToken = this.peek()): SqlError {
    const near = token.kind === "end" ? (this.tokens.at(-2)?.text ?? "") : token.text;
    return new SqlError(102, `Incorrect syntax near '${near}'.`, 15);
  }
}
