// STAND-IN for SQL Server: the requests of one session, in their order; an attention overtakes them.
import { Interrupted } from "../backup/work.ts";
import type { Database } from "../engine/database.ts";
import type { Server, Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import { rollback } from "../engine/transactions.ts";
import type { LoginRequest } from "./login.ts";
import { packetType, type MessageWriter, type TdsMessage } from "./packets.ts";
import { answerRequest } from "./requests.ts";
import { connectionReset, doneStatus, doneToken } from "./tokens.ts";
import { nowhere, WireAnswers } from "./wire-answers.ts";

export interface RunnerOptions {
  id: number;
  server: Server;
  login: Session["login"];
  request: LoginRequest;
  /** For one response message. */
  writer(): MessageWriter;
  destroy(): void;
}

export class SessionRunner {
  readonly session: Session;
  private readonly options: RunnerOptions;
  private home: Database | null = null;
  private queue: TdsMessage[] = [];
  private busy = false;
  private abort = new AbortController();
  private attentions = 0;
  private closed = false;
  /** The work goes on although the connection is lost. */
  private detached = false;

  constructor(options: RunnerOptions) {
    this.options = options;
    const { id, server, login, request } = options;
    this.session = {
      id,
      login,
      application: request.applicationName,
      hostName: request.hostName,
      connectedAt: new Date(),
      server,
      database: server.store.find("master") as Database,
      answers: nowhere,
      running: null,
      transaction: null,
      abortOnError: false,
      signal: this.abort.signal,
      cut: (how) => this.cut(how?.workGoesOn === true),
      end: () => this.abort.abort("lost"),
    };
  }

  /** Enters the database of the login. @throws SqlError. */
  open(databaseFor: (session: Session) => Database): void {
    this.session.database = databaseFor(this.session);
    this.home = this.session.database;
    this.session.server.sessions.set(this.session.id, this.session);
  }

  handle(message: TdsMessage): void {
    if (message.type !== packetType.attention) {
      this.queue.push(message);
      if (!this.busy) void this.work();
      return;
    }
    this.attentions++;
    if (this.busy) this.abort.abort("attention");
    else this.acknowledgeAttentions();
  }

  /** Called when the socket is closed, by whom ever. */
  connectionClosed(): void {
    this.closed = true;
    if (this.detached) this.session.answers = nowhere;
    else this.abort.abort("lost");
    if (!this.busy) this.leave();
  }

  private cut(workGoesOn: boolean): void {
    this.detached = workGoesOn;
    this.session.answers = nowhere;
    this.options.destroy();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let message = this.queue.shift(); message !== undefined && !this.closed; message = this.queue.shift()) {
      this.abort = new AbortController();
      this.session.signal = this.abort.signal;
      await this.answer(message);
      this.acknowledgeAttentions();
    }
    this.busy = false;
    if (this.closed) this.leave();
  }

  private async answer(message: TdsMessage): Promise<void> {
    const { session, options } = this;
    const writer = options.writer();
    const answers = new WireAnswers(writer, session.server.name, message.type === packetType.rpc);
    session.answers = answers;
    try {
      if (message.resets) this.reset(answers);
      await answerRequest(message, session, answers);
    } catch (error) {
      if (!(error instanceof Interrupted)) {
        // A fault of the stand-in itself must not look like an answer of SQL Server.
        console.error(error);
        answers.failed(new SqlError(50000, `STAND-IN for SQL Server: it failed itself: ${String(error)}`, 20));
      }
      answers.end();
    }
    session.answers = nowhere;
  }

  private reset(answers: WireAnswers): void {
    if (this.session.transaction !== null) rollback(this.session);
    this.session.abortOnError = false;
    this.session.database = this.home ?? this.session.database;
    answers.write(connectionReset());
  }

  /** In a message of its own, behind the answer that it cut short (MS-TDS 2.2.1.7). */
  private acknowledgeAttentions(): void {
    for (; this.attentions > 0; this.attentions--) {
      const writer = this.options.writer();
      writer.write(doneToken("done", doneStatus.attention, null));
      writer.end();
    }
  }

  private leave(): void {
    const { session } = this;
    session.answers = nowhere;
    if (session.transaction !== null) rollback(session);
    session.server.sessions.delete(session.id);
  }
}
