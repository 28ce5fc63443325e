import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A server on a free loopback port. */
export interface Loopback {
  port: number;
  close(): Promise<void>;
}

async function listening(server: Server, sockets: Set<Socket>): Promise<Loopback> {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

export const serveHttp = (listener: RequestListener): Promise<Loopback> =>
  listening(createHttpServer(listener), new Set());
export const serveTcp = (onSocket: (socket: Socket) => void): Promise<Loopback> =>
  listening(createTcpServer(onSocket), new Set());

/** A loopback port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = await serveTcp(() => undefined);
  await server.close();
  return server.port;
}
