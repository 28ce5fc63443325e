// STAND-IN for SQL Server: the first exchange, MS-TDS 2.2.6.5: version, and that everything is encrypted.

const option = { version: 0x00, encryption: 0x01, instance: 0x02, thread: 0x03, mars: 0x04, end: 0xff };

export const encryption = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

/** The server's answer. It requires encryption: a client that can't is told so by the answer itself. */
export function preloginAnswer(majorVersion: number, encrypts: boolean): Buffer {
  const parts: [number, Buffer][] = [
    [option.version, Buffer.from([majorVersion, 0, 0x10, 0x00, 0, 0])],
    [option.encryption, Buffer.from([encrypts ? encryption.required : encryption.notSupported])],
    [option.instance, Buffer.from([0])],
    [option.thread, Buffer.alloc(0)],
    [option.mars, Buffer.from([0])],
  ];
  const table = Buffer.alloc(parts.length * 5 + 1, option.end);
  let offset = table.length;
  parts.forEach(([token, data], index) => {
    table.writeUInt8(token, index * 5);
    table.writeUInt16BE(offset, index * 5 + 1);
    table.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  });
  return Buffer.concat([table, ...parts.map(([, data]) => data)]);
}
