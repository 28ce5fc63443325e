// STAND-IN for SQL Server: the listening server in this process.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server as TcpServer, type Socket } from "node:net";
import path from "node:path";
import { freePort } from "../process/free-port.ts";
import { serverCertificates } from "./certificates/server-certificates.ts";
import type { SqlServer, SqlServerFault, SqlServerOptions } from "./contracts.ts";
import { productName } from "./engine/server-properties.ts";
import type { Server } from "./engine/session.ts";
import { Store } from "./engine/store.ts";
import { FaultBoard } from "./fault-board.ts";
import { serveConnection, type ConnectionHost } from "./tds/connection.ts";

const address = "127.0.0.1";
// Numbers below are the server's own sessions.
const firstSessionId = 51;

/**
 * Starts the stand-in in this process. It keeps everything in the folder; `stop` cuts all connections. See contracts.ts.
 * Rejects when the port is taken.
 */
export async function startSqlServer(options: SqlServerOptions): Promise<SqlServer> {
  const folders = foldersIn(options.folder);
  const administrator = {
    user: "sa",
    password: kept(options.folder, "sa-password", () => `Sa1!${randomBytes(12).toString("hex")}`),
  };
  const faults = new FaultBoard(options.faults ?? []);
  const server: Server = {
    name: options.serverName ?? kept(options.folder, "server-name", () => `STANDIN-${randomBytes(3).toString("hex")}`),
    majorVersion: options.majorVersion ?? 16,
    startedAt: new Date(),
    folders,
    store: new Store(options.folder),
    faults,
    sessions: new Map(),
    logins: [{ ...administrator, serverRoles: ["sysadmin"] }, ...(options.logins ?? [])],
    workMilliseconds: options.workMilliseconds ?? 0,
    variant: () => faults.find("variant")?.variant ?? options.variant ?? "standard",
  };
  const certificates = serverCertificates(path.join(options.folder, "certificates"));
  let sessionId = firstSessionId;
  const listener = new Listener(
    { server, certificates, nextSessionId: () => sessionId++ },
    options.port ?? (await freePort()),
  );
  faults.onChange(() => listener.followFaults(faults));
  await listener.open();
  listener.followFaults(faults);
  return {
    host: address,
    port: listener.port,
    caFile: certificates.caFile,
    administrator,
    backupFolder: folders.backup,
    dataFolder: folders.data,
    faults: {
      set: async (list: readonly SqlServerFault[]) => faults.set(list),
      clear: async () => faults.set([]),
    },
    line: `SQL Server: STAND-IN for ${productName(server.majorVersion)} at ${address}:${listener.port}, speaks TDS 7.4`,
    stop: () => listener.close(),
  };
}

function foldersIn(folder: string): Server["folders"] {
  const folders = {
    data: path.join(folder, "data"),
    log: path.join(folder, "log"),
    backup: path.join(folder, "backup"),
  };
  for (const each of Object.values(folders)) mkdirSync(each, { recursive: true });
  return folders;
}

/** A text that is made at the first start in the folder: a restart has the same, another server another one. */
function kept(folder: string, name: string, make: () => string): string {
  const file = path.join(folder, name);
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

class Listener {
  readonly port: number;
  private readonly host: ConnectionHost;
  private tcp: TcpServer | null = null;
  private readonly sockets = new Set<Socket>();
  private down: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(host: ConnectionHost, port: number) {
    this.host = host;
    this.port = port;
  }

  async open(): Promise<void> {
    const tcp = createServer((socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      serveConnection(socket, this.host);
    });
    await new Promise<void>((resolve, reject) => {
      tcp.once("error", reject);
      tcp.listen({ port: this.port, host: address, exclusive: true }, resolve);
    });
    this.tcp = tcp;
  }

  /** The fault `down` cuts everything at once and comes back by itself. */
  followFaults(faults: FaultBoard): void {
    const fault = faults.find("down");
    if (this.down !== null) clearTimeout(this.down);
    this.down = null;
    if (fault === undefined) {
      this.comeBack();
      return;
    }
    void this.shut();
    this.down = setTimeout(() => this.comeBack(), fault.milliseconds);
  }

  async close(): Promise<void> {
    this.stopped = true;
    if (this.down !== null) clearTimeout(this.down);
    await this.shut();
  }

  private comeBack(): void {
    if (this.stopped || this.tcp !== null) return;
    this.open().catch((error: unknown) => console.error(error));
  }

  private async shut(): Promise<void> {
    const { tcp } = this;
    this.tcp = null;
    for (const socket of this.sockets) socket.destroy();
    if (tcp !== null) await new Promise((resolve) => tcp.close(resolve));
    // Work that a lost connection left running ends with the server.
    for (const session of this.host.server.sessions.values()) session.end();
  }
}
