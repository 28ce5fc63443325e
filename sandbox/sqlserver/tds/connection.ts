// STAND-IN for SQL Server: one connection: PRELOGIN, TLS, login, then one request after the other.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { CertificateKind, ServerCertificates } from "../certificates/server-certificates.ts";
import type { Server } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import { acceptLogin, loginTokens } from "./accept-login.ts";
import { readLogin } from "./login.ts";
import { MessageReader, MessageWriter, packetType, type TdsMessage } from "./packets.ts";
import { preloginAnswer } from "./prelogin.ts";
import { SessionRunner } from "./session-runner.ts";
import { doneStatus, doneToken, messageToken } from "./tokens.ts";
import { encrypted } from "./tls.ts";

const firstByteOfTls = 0x16;

export interface ConnectionHost {
  server: Server;
  certificates: ServerCertificates;
  nextSessionId(): number;
}

/** Serves a client until one of the two ends the connection. */
export function serveConnection(socket: Socket, host: ConnectionHost): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.once("data", (first: Buffer) => {
    socket.pause();
    socket.removeAllListeners("data");
    if (first[0] === firstByteOfTls) new Connection(socket, host).secure(first);
    else new Connection(socket, host).start(first);
    socket.resume();
  });
}

class Connection {
  private readonly socket: Socket;
  private readonly host: ConnectionHost;
  private stream: Duplex;
  private packetSize = 4096;
  private sessionId = 0;
  private runner: SessionRunner | null = null;
  private readonly listen = (chunk: Buffer): void => this.receive(chunk);
  private readonly reader = new MessageReader((message) => this.handle(message));

  constructor(socket: Socket, host: ConnectionHost) {
    this.socket = socket;
    this.host = host;
    this.stream = socket;
    socket.on("close", () => this.runner?.connectionClosed());
  }

  /** Without TLS so far: PRELOGIN comes first. */
  start(first: Buffer): void {
    this.stream.on("data", this.listen);
    this.receive(first);
  }

  /** TLS: around all that follows, or (`first`) around everything. */
  secure(first: Buffer | null): void {
    const kind: CertificateKind = this.host.server.faults.find("certificate")?.kind ?? "good";
    this.stream.removeListener("data", this.listen);
    const secured = encrypted(this.socket, this.host.certificates.context(kind), first);
    secured.on("error", () => this.socket.destroy());
    secured.on("data", this.listen);
    this.stream = secured;
  }

  private receive(chunk: Buffer): void {
    try {
      this.reader.feed(chunk);
    } catch {
      this.socket.destroy();
    }
  }

  private handle(message: TdsMessage): void {
    if (this.runner !== null) this.runner.handle(message);
    else if (message.type === packetType.prelogin) this.answerPrelogin();
    else if (message.type === packetType.login) this.login(message.data);
    else this.socket.destroy();
  }

  private answerPrelogin(): void {
    const encrypts = this.host.server.faults.find("noEncryption") === undefined;
    const writer = this.writer();
    writer.write(preloginAnswer(this.host.server.majorVersion, encrypts));
    writer.end();
    if (encrypts && this.stream === this.socket) this.secure(null);
  }

  private login(data: Buffer): void {
    const { server } = this.host;
    try {
      const request = readLogin(data);
      const accepted = acceptLogin(request, server);
      this.sessionId = this.host.nextSessionId();
      const runner = new SessionRunner({
        id: this.sessionId,
        server,
        login: accepted.login,
        request,
        writer: () => this.writer(),
        destroy: () => this.socket.destroy(),
      });
      runner.open((session) => accepted.databaseFor(session));
      this.packetSize = Math.min(Math.max(request.packetSize, 512), 32_767);
      this.runner = runner;
      this.reply(loginTokens(runner.session.database.name, this.packetSize, server));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const messages = error
        .all()
        .map((each) =>
          messageToken(
            { number: each.number, text: each.message, severity: each.severity, state: each.state },
            server.name,
          ),
        );
      this.reply(Buffer.concat([...messages, doneToken("done", doneStatus.error, null)]));
      this.stream.end();
    }
  }

  private reply(bytes: Buffer): void {
    const writer = this.writer();
    writer.write(bytes);
    writer.end();
  }

  private writer(): MessageWriter {
    return new MessageWriter({
      send: (packet) => {
        if (!this.stream.destroyed && this.stream.writable) this.stream.write(packet);
      },
      packetSize: this.packetSize,
      type: packetType.tabularResult,
      session: this.sessionId,
    });
  }
}
