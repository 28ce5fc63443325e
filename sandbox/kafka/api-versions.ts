import { connect } from "node:net";

// Request ApiVersions, version 0 (Kafka protocol): length, api key 18, version 0, correlation id, client id "cutover".
const clientId = Buffer.from("cutover");
const correlationId = 42;

function request(): Buffer {
  const header = Buffer.alloc(4 + 2 + 2 + 4 + 2);
  header.writeInt32BE(header.length - 4 + clientId.length, 0);
  header.writeInt16BE(18, 4);
  header.writeInt16BE(0, 6);
  header.writeInt32BE(correlationId, 8);
  header.writeInt16BE(clientId.length, 12);
  return Buffer.concat([header, clientId]);
}

/** True when a broker speaks Kafka's protocol there: an open port alone is not yet a broker. Time-out in milliseconds. */
export function answersApiVersions(host: string, port: number, timeoutMilliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMilliseconds, () => end(false));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
    socket.once("connect", () => socket.write(request()));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Length, correlation id, error code.
      if (received.length >= 10) end(received.readInt32BE(4) === correlationId && received.readInt16BE(8) === 0);
    });
  });
}
