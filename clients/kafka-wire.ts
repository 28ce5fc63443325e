// The few bytes of Kafka's protocol that are needed (KIP-35 ApiVersions, Metadata v4): kafka.apache.org/protocol.

export const apiVersionsKey = 18;
export const metadataKey = 3;
/** Understood by every broker from 0.11 to 4.x. */
export const metadataVersion = 4;

/** Lowest and highest version per API key. */
export type ApiRanges = Map<number, { minimum: number; maximum: number }>;

/** An answer that is not Kafka's. */
export class NotKafka extends Error {}

/** One framed request: size, header v1, body. */
export function frame(apiKey: number, apiVersion: number, correlation: number, body: Buffer): Buffer {
  const client = Buffer.from("cutover");
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + client.length + body.length, 0);
  header.writeInt16BE(apiKey, 4);
  header.writeInt16BE(apiVersion, 6);
  header.writeInt32BE(correlation, 8);
  header.writeInt16BE(client.length, 12);
  return Buffer.concat([header, client, body]);
}

/** Body of Metadata v4 that asks for brokers only: no topics, create none. */
export const brokersOnly = Buffer.from([0, 0, 0, 0, 0]);

/** Size of the frame that begins with these bytes, length field included; null when fewer than 4 bytes are there. */
export function frameSize(bytes: Buffer): number | null {
  if (bytes.length < 4) return null;
  const size = bytes.readInt32BE(0);
  if (size < 4 || size > 10_000_000) throw new NotKafka(describeForeign(bytes));
  return size + 4;
}

// The first bytes of what people mistake for a Kafka listener.
function describeForeign(bytes: Buffer): string {
  if (bytes[0] === 0x15 && bytes[1] === 0x03)
    return "it speaks TLS; this check wants a plaintext or SASL_PLAINTEXT listener";
  const text = bytes
    .subarray(0, 40)
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, ".");
  return `it does not speak the Kafka protocol (its first bytes: "${text}")`;
}

/** Checks the correlation id and gives the part after it. */
export function bodyOf(whole: Buffer, correlation: number): Buffer {
  if (whole.readInt32BE(4) !== correlation) throw new NotKafka(describeForeign(whole));
  return whole.subarray(8);
}

/** Reads the body of ApiVersions v0. */
export function readApiVersions(body: Buffer): ApiRanges {
  const ranges: ApiRanges = new Map();
  try {
    const error = body.readInt16BE(0);
    if (error !== 0 && error !== 35) throw new NotKafka(`ApiVersions answered error ${error}`);
    const count = body.readInt32BE(2);
    for (let index = 0; index < count; index += 1) {
      const at = 6 + index * 6;
      ranges.set(body.readInt16BE(at), { minimum: body.readInt16BE(at + 2), maximum: body.readInt16BE(at + 4) });
    }
  } catch (error) {
    if (error instanceof RangeError) throw new NotKafka("its ApiVersions answer is cut short", { cause: error });
    throw error;
  }
  if (ranges.size === 0) throw new NotKafka("its ApiVersions answer lists no API");
  return ranges;
}

/** Number of brokers and the cluster id in the body of Metadata v4. */
export function readMetadata(body: Buffer): { brokers: number; clusterId: string | null } {
  let at = 4;
  const brokers = body.readInt32BE(at);
  at += 4;
  const skipText = () => {
    const length = body.readInt16BE(at);
    const text = length < 0 ? null : body.toString("utf8", at + 2, at + 2 + length);
    at += 2 + Math.max(0, length);
    return text;
  };
  for (let index = 0; index < brokers; index += 1) {
    at += 4;
    skipText();
    at += 4;
    skipText();
  }
  return { brokers, clusterId: skipText() };
}

// API key, highest version that a broker offers since this release. Newest first.
const firstOffered: readonly (readonly [number, number, string])[] = [
  [1, 18, "4.1"],
  [0, 12, "4.0"],
  [1, 17, "3.9"],
  [0, 11, "3.8"],
  [1, 16, "3.7"],
  [1, 15, "3.5"],
  [1, 13, "3.1"],
  [2, 7, "3.0"],
  [0, 9, "2.8"],
  [1, 12, "2.7"],
  [16, 4, "2.6"],
  [11, 7, "2.5"],
  [0, 8, "2.4"],
  [1, 11, "2.3"],
  [1, 10, "2.1"],
  [1, 8, "2.0"],
  [1, 7, "1.1"],
  [3, 5, "1.0"],
  [3, 4, "0.11"],
];

/** The release a broker has at least, told from the API versions it offers (brokers don't tell their version). */
export function releaseOf(ranges: ApiRanges): string {
  const known = firstOffered.find(([key, version]) => (ranges.get(key)?.maximum ?? -1) >= version);
  return known?.[2] ?? "0.10";
}
