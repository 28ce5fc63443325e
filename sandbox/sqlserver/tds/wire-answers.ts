// STAND-IN for SQL Server: turns the answers of statements into tokens of one response message.
import type { Answers } from "../engine/session.ts";
import type { SqlError } from "../engine/sql-error.ts";
import type { Column, SqlValue } from "../sql/types.ts";
import type { MessageWriter } from "./packets.ts";
import * as tokens from "./tokens.ts";

/** Descriptor of the only transaction that a session can have. */
const transaction = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
const transactionTypes = { begin: 8, commit: 9, rollback: 10 } as const;

export class WireAnswers implements Answers {
  private readonly writer: MessageWriter;
  private readonly serverName: string;
  private readonly token: tokens.DoneToken;
  private shown: readonly Column[] = [];
  /** The end of the last statement: held back until it is known whether more follows. */
  private held: { status: number; rows: number | null } | null = null;

  constructor(writer: MessageWriter, serverName: string, inProcedure: boolean) {
    this.writer = writer;
    this.serverName = serverName;
    this.token = inProcedure ? "doneInProcedure" : "done";
  }

  columns(columns: readonly Column[]): void {
    this.shown = columns;
    this.write(tokens.columnsToken(columns));
  }

  row(values: readonly SqlValue[]): void {
    this.write(tokens.rowToken(this.shown, values));
  }

  done(rows: number | null): void {
    this.release(true);
    this.held = { status: 0, rows };
  }

  information(number: number, text: string): void {
    this.write(tokens.messageToken({ number, text, severity: number === 0 ? 0 : 10 }, this.serverName));
    this.writer.flush();
  }

  failed(error: SqlError): void {
    for (const { number, message, severity, state } of error.all()) {
      this.write(tokens.messageToken({ number, text: message, severity, state }, this.serverName));
    }
    this.held = { status: tokens.doneStatus.error, rows: null };
  }

  databaseChanged(now: string, before: string): void {
    this.write(tokens.databaseChanged(now, before));
    this.information(5701, `Changed database context to '${now}'.`);
  }

  transactionChanged(action: "begin" | "commit" | "rollback"): void {
    this.write(tokens.transactionChanged(transactionTypes[action], transaction));
  }

  write(token: Buffer): void {
    this.release(true);
    this.writer.write(token);
  }

  /** Ends a batch. */
  end(): void {
    this.held ??= { status: 0, rows: null };
    this.release(false);
    this.writer.end();
  }

  /** Ends a procedure: status, output parameters, DONEPROC. */
  endProcedure(status: number, outputs: readonly Buffer[]): void {
    this.release(true);
    this.writer.write(tokens.returnStatusToken(status));
    for (const output of outputs) this.writer.write(output);
    this.writer.write(tokens.doneToken("doneProcedure", status === 0 ? 0 : tokens.doneStatus.error, null));
    this.writer.end();
  }

  private release(more: boolean): void {
    if (this.held === null) return;
    const { status, rows } = this.held;
    this.held = null;
    this.writer.write(tokens.doneToken(this.token, status | (more ? tokens.doneStatus.more : 0), rows));
  }
}

/** For work that goes on after its connection was lost. */
export const nowhere: Answers = {
  columns: () => undefined,
  row: () => undefined,
  done: () => undefined,
  information: () => undefined,
  failed: () => undefined,
  databaseChanged: () => undefined,
  transactionChanged: () => undefined,
};
