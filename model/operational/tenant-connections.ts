import { isConnectionText, moveConnectionText, readConnectionText } from "./connection-text.ts";
import { readAddress, type ServerAddress } from "./server-address.ts";
import { isSameServer, mayMean, surelyMeans, type ServerIdentity } from "./server-identity.ts";

/** One row of the user's query: tenant, server, database. Server and database may be a whole connection string, with a password. */
export interface TenantRow {
  tenant: string;
  server: string;
  database: string;
}

/** What must be told apart. */
export interface CloneFacts {
  source: ServerIdentity;
  target: ServerIdentity;
  /** Where the platform's connections shall lead: host and port of the target's connection string. */
  place: { host: string; port: number };
  /** Name of the source's database -> name of its clone. */
  clones: ReadonlyMap<string, string>;
}

/** `source`: it must not stay. `elsewhere`: it leads neither to the source nor to a clone, so that nobody can say what is behind it. */
export type ConnectionState = "clone" | "source" | "elsewhere";

/** A connection as it may be shown: no part of a login is in it. */
export interface JudgedConnection {
  tenant: string;
  server: string;
  database: string;
  state: ConnectionState;
}

/** Parameters of the user's rewrite statement. `connection` is the whole string for those that store one, else null. */
export interface ConnectionRewrite {
  tenant: string;
  /** `host,port` for SQL Server, `host` or `host:port` for PostgreSQL. */
  server: string;
  database: string;
  oldDatabase: string;
  connection: string | null;
  oldConnection: string | null;
}

interface Place {
  server: string;
  address: ServerAddress | null;
  database: string | null;
}

/** Where each connection leads. Only `clone` is right; a connection that cannot be read is `elsewhere`. */
export function judgeConnections(rows: readonly TenantRow[], facts: CloneFacts): JudgedConnection[] {
  return rows.map((row) => {
    const { server, database } = placeOf(row);
    return { tenant: row.tenant, server, database: database ?? "(not readable)", state: stateOf(placeOf(row), facts) };
  });
}

/** What has to be written so that every connection to the source leads to its clone. */
export function rewritesOf(rows: readonly TenantRow[], facts: CloneFacts): ConnectionRewrite[] {
  return rows.flatMap((row) => {
    const place = placeOf(row);
    if (stateOf(place, facts) !== "source" || place.database === null) return [];
    const clone = cloneOf(place.database, facts);
    if (clone === null) return [];
    const { host, port } = facts.place;
    const text = [row.server, row.database].find(isConnectionText) ?? null;
    return [
      {
        tenant: row.tenant,
        server: addressText(facts),
        database: clone,
        oldDatabase: place.database,
        connection: text === null ? null : moveConnectionText(text, { host, port, database: clone }),
        oldConnection: text,
      },
    ];
  });
}

/** The sentence that names a connection which is not right; without its login. */
export function describeConnection({ tenant, server, database, state }: JudgedConnection): string {
  const what = state === "source" ? "still points at the source" : "points neither at the clone nor at the source";
  return `tenant ${tenant}: database ${database} on ${server} ${what}`;
}

function stateOf({ address, database }: Place, facts: CloneFacts): ConnectionState {
  const { source, target } = facts;
  if (address === null || database === null) return "elsewhere";
  const isClone = [...facts.clones.values()].some((name) => sameName(name, database, facts));
  if (isSameServer(source, target)) {
    if (!mayMean(address, target, source) && !mayMean(address, source, target)) return "elsewhere";
    return isClone ? "clone" : "source";
  }
  // The exact name of the target beats a loose likeness to the source; nothing beats the source's own exact name.
  if (surelyMeans(address, source)) return "source";
  if (!surelyMeans(address, target)) return mayMean(address, source, target) ? "source" : "elsewhere";
  return isClone ? "clone" : "elsewhere";
}

function placeOf({ server, database }: TenantRow): Place {
  const [ofServer, ofDatabase] = [readConnectionText(server), readConnectionText(database)];
  const said = ofServer ?? ofDatabase;
  const name = ofDatabase?.database ?? ofServer?.database ?? null;
  if (said === null) {
    return showable(server) && showable(database)
      ? { server, address: readAddress(server), database }
      : { server: "(not readable)", address: null, database: showable(database) ? database : null };
  }
  const plain =
    ofDatabase === null && !isConnectionText(database) && showable(database) && database !== "" ? database : name;
  return { server: said.server ?? "(no server)", address: said.address, database: plain };
}

/** A plain name; anything that could be a login in a form that is not understood is not shown. */
function showable(text: string): boolean {
  return !/[=;@]|:\/\/|password|pwd/i.test(text);
}

function cloneOf(database: string, facts: CloneFacts): string | null {
  for (const [name, clone] of facts.clones) if (sameName(name, database, facts)) return clone;
  return null;
}

/** SQL Server's names are compared without case by its usual collations, PostgreSQL's are not. */
function sameName(a: string, b: string, facts: CloneFacts): boolean {
  return facts.target.provider === "sqlserver" ? a.toLowerCase() === b.toLowerCase() : a === b;
}

function addressText({ place: { host, port }, target }: CloneFacts): string {
  return target.provider === "sqlserver" ? `${host},${port}` : `${host}:${port}`;
}
