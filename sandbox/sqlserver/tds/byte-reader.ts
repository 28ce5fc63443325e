// STAND-IN for SQL Server: reads the little-endian fields of TDS messages.

/** Walks through a message. Throws RangeError (of Buffer) where the message is too short. */
export class ByteReader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  skip(count: number): void {
    this.position += count;
  }

  uint8(): number {
    return this.bytes.readUInt8(this.forward(1));
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.forward(2));
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.forward(4));
  }

  int(bytes: number): number {
    return this.bytes.readIntLE(this.forward(bytes), bytes);
  }

  uint(bytes: number): number {
    return this.bytes.readUIntLE(this.forward(bytes), bytes);
  }

  int64(): bigint {
    return this.bytes.readBigInt64LE(this.forward(8));
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64LE(this.forward(8));
  }

  float(): number {
    return this.bytes.readFloatLE(this.forward(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.forward(8));
  }

  take(count: number): Buffer {
    if (count > this.left) throw new RangeError("the message ends too early");
    const start = this.forward(count);
    return this.bytes.subarray(start, start + count);
  }

  /** UTF-16 text of so many characters. */
  text(characters: number): string {
    return this.take(characters * 2).toString("utf16le");
  }

  private forward(count: number): number {
    const start = this.position;
    this.position += count;
    return start;
  }
}

/** 4 little-endian bytes. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** 2 little-endian bytes. */
export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** B_VARCHAR: a length byte in characters, then UTF-16. */
export function shortText(text: string): Buffer {
  const cut = text.slice(0, 255);
  return Buffer.concat([Buffer.from([cut.length]), Buffer.from(cut, "utf16le")]);
}

/** US_VARCHAR: two length bytes in characters, then UTF-16. */
export function longText(text: string): Buffer {
  const cut = text.slice(0, 4000);
  return Buffer.concat([uint16(cut.length), Buffer.from(cut, "utf16le")]);
}
