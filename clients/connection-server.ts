/** Parts of ADO.NET's Data Source: `tcp:host,port`, `host\instance`, `host\instance,port`; a port makes the instance needless. */
export function splitServer(
  text: string,
  refuse: (problem: string) => never,
): { host: string; port?: number; instance?: string } {
  const match = /^(?:(tcp|np|lpc|admin):)?(.*)$/is.exec(text.trim());
  const [, protocol = "tcp", rest = ""] = match ?? [];
  if (protocol.toLowerCase() !== "tcp" || rest.startsWith("\\\\")) {
    refuse("Server names another protocol than tcp; give tcp:<host>,<port>");
  }
  const parts = /^(\[[^\]]+\]|[^,\\]+)(?:\\([^,]+))?(?:,\s*(\d+))?$/.exec(rest.trim());
  if (parts === null) return refuse("the value of Server is not of the form tcp:<host>,<port> or <host>\\<instance>");
  const [, written = "", instance, port] = parts;
  const host = written.trim().replace(/^\[(.*)\]$/, "$1");
  if (/^\(localdb\)$/i.test(host)) refuse("Server names LocalDB, which has no TCP port");
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    refuse("the port in Server is not a port number");
  return {
    host: [".", "(local)"].includes(host.toLowerCase()) ? "localhost" : host,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...named(instance?.trim()),
  };
}

/** The default instance may be named too. */
function named(instance: string | undefined): { instance?: string } {
  return instance === undefined || /^mssqlserver$/i.test(instance) ? {} : { instance };
}
