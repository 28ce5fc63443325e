// STAND-IN for SQL Server: LOGIN7, MS-TDS 2.2.6.4.

export interface LoginRequest {
  tdsVersion: number;
  packetSize: number;
  hostName: string;
  user: string;
  password: string;
  applicationName: string;
  database: string;
}

/** Reads a LOGIN7 message. Throws RangeError when it is cut. */
export function readLogin(data: Buffer): LoginRequest {
  const field = (at: number): Buffer => {
    const offset = data.readUInt16LE(at);
    return Buffer.from(data.subarray(offset, offset + data.readUInt16LE(at + 2) * 2));
  };
  const text = (at: number): string => field(at).toString("utf16le");
  return {
    tdsVersion: data.readUInt32LE(4),
    packetSize: data.readUInt32LE(8),
    hostName: text(36),
    user: text(40),
    password: revealed(field(44)),
    applicationName: text(48),
    database: text(68),
  };
}

// The client swaps the halves of each byte, then xors: no encryption, that is TLS's work.
function revealed(bytes: Buffer): string {
  for (const [index, byte] of bytes.entries()) {
    const plain = byte ^ 0xa5;
    bytes[index] = ((plain & 0x0f) << 4) | (plain >> 4);
  }
  return bytes.toString("utf16le");
}
