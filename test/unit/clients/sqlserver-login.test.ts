import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { connectSqlServer } from "../../../clients/sqlserver/connect.ts";
import { CutoverError, describeError } from "../../../model/error.ts";

const password = "never-in-clear-9";
const [preloginType, loginType] = [0x12, 0x10];
const [encryptionOff, notSupported] = [0, 2];

/** A server that only answers the prelogin, and says in it how it encrypts. */
async function preloginServer(
  encryption: number,
): Promise<{ port: number; seen: () => Buffer; close: () => Promise<void> }> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      received.push(data);
      if (data[0] !== preloginType) return;
      // VERSION and ENCRYPTION, each with offset and length, then what they point at.
      const options = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption]);
      const length = 8 + options.length;
      socket.write(Buffer.concat([Buffer.from([4, 1, 0, length, 0, 0, 1, 0]), options]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen: () => Buffer.concat(received),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function failure(port: number): Promise<CutoverError> {
  const credentials = {
    host: "127.0.0.1",
    port,
    database: "Pulse",
    user: "rpi",
    password,
    encrypt: true,
    trustServerCertificate: false,
  };
  try {
    await (await connectSqlServer(credentials, { applicationName: "test", connectTimeoutMilliseconds: 3000 })).close();
  } catch (error) {
    if (error instanceof CutoverError) return error;
    throw error;
  }
  throw new Error("it connected");
}

describe("login to SQL Server", () => {
  for (const [what, encryption] of [
    ["does not support encryption", notSupported],
    ["has it switched off", encryptionOff],
  ] as const) {
    it(`sends no password to a server that ${what}`, async () => {
      const server = await preloginServer(encryption);
      try {
        const error = await failure(server.port);
        assert.equal(error.details.code, "CUT-4254", describeError(error).join("\n"));
        assert.match(error.details.happened, /does not encrypt/);
        const seen = server.seen();
        assert.equal(seen[0], preloginType);
        assert.equal(seen.length, seen.readUInt16BE(2), "nothing after the prelogin");
        assert.notEqual(seen[0], loginType);
      } finally {
        await server.close();
      }
    });
  }

  it("says what to check when nobody listens, without the password", async () => {
    const server = await preloginServer(notSupported);
    await server.close();
    const error = await failure(server.port);
    const shown = describeError(error).join("\n");
    assert.equal(error.details.code, "CUT-4251");
    assert.match(shown, new RegExp(`127.0.0.1:${server.port} cannot be reached`));
    assert.match(shown, /ECONNREFUSED/);
    assert.ok(!shown.includes(password));
  });
});
