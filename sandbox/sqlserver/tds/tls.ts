// STAND-IN for SQL Server: TLS as TDS 7.4 does it: the handshake travels inside PRELOGIN packets, what follows is plain TLS.
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket, type SecureContext } from "node:tls";
import { MessageReader, MessageWriter, packetType } from "./packets.ts";

/**
 * The server's side of the encrypted connection. `first`: bytes of the handshake that were read already, of a client that
 * starts with TLS (TDS 8.0, `encrypt: "strict"`); without them the PRELOGIN exchange is done and the handshake is wrapped.
 */
export function encrypted(socket: Socket, context: SecureContext, first: Buffer | null): TLSSocket {
  const carrier = new HandshakeCarrier(socket, first);
  return new TLSSocket(carrier, { isServer: true, secureContext: context, ALPNProtocols: ["tds/8.0"] });
}

/** Wraps and unwraps while the handshake goes on, then only passes bytes. */
class HandshakeCarrier extends Duplex {
  private readonly socket: Socket;
  private wrapping: boolean;
  private flight: Buffer[] = [];
  private readonly unwrap = new MessageReader((message) => this.push(message.data));

  constructor(socket: Socket, first: Buffer | null) {
    super();
    this.socket = socket;
    this.wrapping = first === null;
    if (first !== null) this.push(first);
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    socket.on("end", () => this.push(null));
    socket.on("close", () => this.destroy());
    socket.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (!this.wrapping) {
      this.socket.write(chunk, callback);
      return;
    }
    // The client reads exactly one message for each that it sent: all records of a flight go into one.
    if (this.flight.length === 0) setImmediate(() => this.sendFlight());
    this.flight.push(chunk);
    callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.socket.end(() => callback());
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.socket.destroy();
    callback(error);
  }

  private receive(chunk: Buffer): void {
    if (!this.wrapping) {
      if (!this.push(chunk)) this.socket.pause();
      return;
    }
    try {
      this.unwrap.feed(chunk);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  private sendFlight(): void {
    if (this.flight.length === 0 || this.socket.destroyed) return;
    const writer = new MessageWriter({
      send: (packet) => this.socket.write(packet),
      packetSize: 32_000,
      type: packetType.prelogin,
      session: 0,
    });
    const flight = Buffer.concat(this.flight);
    this.flight = [];
    writer.write(flight);
    writer.end();
    if (changesCipher(flight)) this.wrapping = false;
  }
}

/** True for the server's last flight of a full TLS 1.2 handshake: it has a ChangeCipherSpec record. */
function changesCipher(flight: Buffer): boolean {
  for (let at = 0; at + 5 <= flight.length; at += 5 + flight.readUInt16BE(at + 3)) {
    if (flight[at] === 0x14) return true;
  }
  return false;
}
