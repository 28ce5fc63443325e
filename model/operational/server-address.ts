/** Where a database server is, as somebody wrote it. */
export interface ServerAddress {
  /** Lower case, without `tcp:` and the dot at the end; every way to say "this machine" is `127.0.0.1`. */
  host: string;
  /** Null: not said. */
  port: number | null;
  /** Named instance of SQL Server, lower case; null: the default one, or another provider. */
  instance: string | null;
}

const thisMachine = "127.0.0.1";
const sayThisMachine = new Set([".", "(local)", "localhost", "::1", "[::1]", thisMachine]);

/** Reads `host`, `host:port`, `tcp:host,port`, `host\instance`; forms of ADO.NET's `Data Source` and of plain addresses. */
export function readAddress(text: string): ServerAddress {
  const plain = text.trim().replace(/^(tcp|np|lpc|admin):/i, "");
  const match = /^(\[[^\]]+\]|[^,:\\]+)(?:\\([^,:]+))?(?:[,:]\s*(\d+))?$/.exec(plain);
  // A bare IPv6 address has colons of its own.
  const [, host = plain, instance, port] = match ?? [];
  const name = host.trim().toLowerCase().replace(/\.$/, "") || ".";
  return {
    host: sayThisMachine.has(name) ? thisMachine : name,
    port: port === undefined ? null : Number(port),
    instance: instance === undefined || /^mssqlserver$/i.test(instance) ? null : instance.toLowerCase(),
  };
}

export function isThisMachine(address: ServerAddress): boolean {
  return address.host === thisMachine;
}

/** `sql-1` and `sql-1.corp.example` may be the same machine; `sql-1.a` and `sql-1.b` are not. IP addresses have no short form. */
export function mayBeTheSameHost(a: string, b: string): boolean {
  if (a === b) return true;
  if (/^[\d.]+$/.test(a) || /^[\d.]+$/.test(b)) return false;
  return a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
