import { isThisMachine, mayBeTheSameHost, readAddress, type ServerAddress } from "./server-address.ts";

/** A database server as it shows itself to a connection: its name in the network may have many forms, what it says of itself has one. */
export interface ServerIdentity {
  provider: "sqlserver" | "postgresql";
  /** `host:port` that was connected to. */
  address: string;
  /** What it calls itself (@@SERVERNAME, machine name, its own address); empty when it does not say. */
  names: readonly string[];
  /**
   * When this server process was started, exactly as the server writes it: two connections that read the same moment down to its
   * fraction are on the same server, whatever the names say. Null where it means nothing (Azure SQL) or is not shown.
   */
  startedAt: string | null;
}

const usualPort = { sqlserver: 1433, postgresql: 5432 } as const;

/**
 * True when two connections lead to the same server. Careful towards "the same": what a server does not show cannot tell it apart
 * from another one. A SQL Server calls itself the same whichever way it is reached; a PostgreSQL server shows the address it was
 * reached by, which says nothing.
 */
export function isSameServer(a: ServerIdentity, b: ServerIdentity): boolean {
  if (a.provider !== b.provider) return false;
  if (a.address.toLowerCase() === b.address.toLowerCase()) return true;
  const alike = a.names.some((name) => b.names.some((other) => name.toLowerCase() === other.toLowerCase()));
  if (a.provider === "sqlserver" && !alike && a.names.length > 0 && b.names.length > 0) return false;
  if (a.startedAt !== null && b.startedAt !== null) return a.startedAt === b.startedAt;
  return alike;
}

/** The server that a written address surely means: the one connected to under the same name and port, or by its own name. */
export function surelyMeans(address: ServerAddress, server: ServerIdentity): boolean {
  return addressesOf(server).some(
    (own) =>
      own.host === address.host &&
      (own.instance ?? address.instance) === (address.instance ?? own.instance) &&
      (address.port === null
        ? own.port === null || own.port === usualPort[server.provider] || address.instance !== null
        : own.port === null || own.port === address.port),
  );
}

/**
 * The server that a written address may mean, with short and long names of a machine and with ports left out. For what must be
 * kept away from: better once too often.
 */
export function mayMean(address: ServerAddress, server: ServerIdentity, other: ServerIdentity): boolean {
  const own = addressesOf(server);
  // Written on a machine of that environment itself: "here" is there.
  const fromThere = isThisMachine(address) && ![server, other].some((one) => isThisMachine(readAddress(one.address)));
  return (
    fromThere ||
    own.some(
      (one) =>
        mayBeTheSameHost(one.host, address.host) &&
        (one.port === null || address.port === null || one.port === address.port) &&
        (one.instance === null || address.instance === null || one.instance === address.instance),
    )
  );
}

function addressesOf(server: ServerIdentity): ServerAddress[] {
  const connected = readAddress(server.address);
  // A name of its own says nothing of the port: the one that was connected to belongs to it.
  const named = server.names.map((name) => ({ ...readAddress(name), port: connected.port }));
  return [connected, ...named];
}
