// STAND-IN for SQL Server: packets of MS-TDS 2.2.3, 8 bytes of header and a piece of a message.

export const packetType = {
  sqlBatch: 0x01,
  rpc: 0x03,
  tabularResult: 0x04,
  attention: 0x06,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

const headerLength = 8;
const endOfMessage = 0x01;
const resetConnection = 0x18;

/** A whole message of the client. */
export interface TdsMessage {
  type: number;
  data: Buffer;
  /** The session is to be as after its login before the message is handled. */
  resets: boolean;
}

/** Puts packets together to messages. */
export class MessageReader {
  private received = Buffer.alloc(0);
  private pieces: Buffer[] = [];
  private resets = false;
  private readonly onMessage: (message: TdsMessage) => void;

  constructor(onMessage: (message: TdsMessage) => void) {
    this.onMessage = onMessage;
  }

  /** Throws Error when the bytes are no TDS packet. */
  feed(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    while (this.received.length >= headerLength) {
      const length = this.received.readUInt16BE(2);
      if (length < headerLength) throw new Error("not a TDS packet");
      if (this.received.length < length) return;
      const type = this.received.readUInt8(0);
      const status = this.received.readUInt8(1);
      const last = (status & endOfMessage) !== 0;
      this.resets ||= (status & resetConnection) !== 0;
      this.pieces.push(this.received.subarray(headerLength, length));
      this.received = this.received.subarray(length);
      if (!last) continue;
      const data = Buffer.concat(this.pieces);
      this.pieces = [];
      const resets = this.resets;
      this.resets = false;
      this.onMessage({ type, data, resets });
    }
  }
}

/** Cuts one message into packets while it is written. */
export class MessageWriter {
  private waiting: Buffer[] = [];
  private waitingLength = 0;
  private number = 1;
  private readonly send: (packet: Buffer) => void;
  private readonly room: number;
  private readonly type: number;
  private readonly session: number;

  constructor(options: { send: (packet: Buffer) => void; packetSize: number; type: number; session: number }) {
    this.send = options.send;
    this.room = options.packetSize - headerLength;
    this.type = options.type;
    this.session = options.session;
  }

  write(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingLength += bytes.length;
    if (this.waitingLength > this.room) this.sendFull();
  }

  /** Sends what there is, so that the client sees it at once; the message goes on. */
  flush(): void {
    if (this.waitingLength > 0) this.packet(Buffer.concat(this.waiting), false);
    this.waiting = [];
    this.waitingLength = 0;
  }

  end(): void {
    this.sendFull();
    this.packet(Buffer.concat(this.waiting), true);
    this.waiting = [];
    this.waitingLength = 0;
  }

  private sendFull(): void {
    let bytes = Buffer.concat(this.waiting);
    while (bytes.length > this.room) {
      this.packet(bytes.subarray(0, this.room), false);
      bytes = bytes.subarray(this.room);
    }
    this.waiting = [bytes];
    this.waitingLength = bytes.length;
  }

  private packet(data: Buffer, last: boolean): void {
    const header = Buffer.alloc(headerLength);
    header.writeUInt8(this.type, 0);
    header.writeUInt8(last ? endOfMessage : 0, 1);
    header.writeUInt16BE(headerLength + data.length, 2);
    header.writeUInt16BE(this.session & 0xffff, 4);
    header.writeUInt8(this.number++ % 256, 6);
    this.send(Buffer.concat([header, data]));
  }
}
