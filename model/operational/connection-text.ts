import { readAddress, type ServerAddress } from "./server-address.ts";

/** What a connection string says of where it leads. Never its login. */
export interface ConnectionPlace {
  /** As written: `tcp:sql-1,1433`; null when it names none. */
  server: string | null;
  address: ServerAddress | null;
  database: string | null;
}

interface Part {
  /** Lower case, without blanks. */
  key: string;
  value: string;
  /** Where the value stands in the text, with its quotes. */
  from: number;
  to: number;
}

// Synonyms of ADO.NET and Npgsql for the same two things.
const serverKeys = new Set(["server", "datasource", "address", "addr", "networkaddress", "host"]);
const databaseKeys = new Set(["database", "initialcatalog", "db"]);

/** True for `Server=...;Database=...`, with or without the prefix `PostgreSQL:` (facts/domain.md A5). */
export function isConnectionText(text: string): boolean {
  return (partsOf(text) ?? []).some((part) => serverKeys.has(part.key) || databaseKeys.has(part.key));
}

/** Where a connection string leads; null when it is none. */
export function readConnectionText(text: string): ConnectionPlace | null {
  const parts = partsOf(text);
  if (parts === null || !isConnectionText(text)) return null;
  const valueOf = (keys: ReadonlySet<string>): string | null =>
    parts.findLast((part) => keys.has(part.key))?.value ?? null;
  const server = valueOf(serverKeys);
  const port = Number(parts.findLast((part) => part.key === "port")?.value);
  const address = server === null ? null : readAddress(server);
  if (address !== null && address.port === null && Number.isInteger(port) && port > 0) address.port = port;
  return { server, address, database: valueOf(databaseKeys) };
}

/** The same connection string with another server and database; everything else, the login too, stays as it is. */
export function moveConnectionText(text: string, to: { host: string; port: number; database: string }): string {
  const parts = partsOf(text) ?? [];
  const hasPort = parts.some((part) => part.key === "port");
  let moved = text;
  for (const part of parts.toReversed()) {
    const server =
      hasPort || part.key === "host" ? to.host : `${part.value.startsWith("tcp:") ? "tcp:" : ""}${to.host},${to.port}`;
    const value = serverKeys.has(part.key)
      ? server
      : databaseKeys.has(part.key)
        ? to.database
        : part.key === "port"
          ? String(to.port)
          : null;
    if (value !== null) moved = moved.slice(0, part.from) + quoted(value) + moved.slice(part.to);
  }
  // `Host=a` without a port means the usual one, which the new place may not have.
  if (!hasPort && parts.some((part) => part.key === "host")) moved = `${moved.replace(/;?\s*$/, "")};Port=${to.port}`;
  return moved;
}

function quoted(value: string): string {
  return /^[^\s"';=][^"';]*$/.test(value) && value.trim() === value ? value : `"${value.replaceAll('"', '""')}"`;
}

/**
 * The `key=value` pairs of a connection string: values may stand in single or double quotes, doubled inside; `==` in a key is one
 * `=` (ADO.NET, DbConnectionStringBuilder). Null when the text is not made of such pairs.
 */
function partsOf(text: string): Part[] | null {
  const parts: Part[] = [];
  const prefix = /^\s*PostgreSQL:/i.exec(text)?.[0].length ?? 0;
  const pattern = /\s*;?\s*((?:[^=;]|==)+?)\s*=(?!=)\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*?)\s*(?=;|$)/gy;
  pattern.lastIndex = prefix;
  while (pattern.lastIndex < text.length) {
    if (/^[\s;]*$/.test(text.slice(pattern.lastIndex))) break;
    const match = pattern.exec(text);
    if (match === null) return null;
    const [whole, key = "", written = ""] = match;
    const to = match.index + whole.trimEnd().length;
    const value = /^(["']).*\1$/s.test(written)
      ? written.slice(1, -1).replaceAll(written.slice(0, 1).repeat(2), written.slice(0, 1))
      : written;
    parts.push({ key: key.toLowerCase().replaceAll(/\s/g, ""), value, from: to - written.length, to });
  }
  return parts;
}
