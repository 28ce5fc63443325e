import { Client } from "pg";

/** Where a database is; `password` must never be printed. */
export interface Login {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}

/** Opens a connection for the time of `work`. Rejects when the server does not answer within 5 s. */
export async function withDatabase<Result>(login: Login, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ ...login, connectionTimeoutMillis: 5000, application_name: "cutover sandbox" });
  // Without a listener a server that goes down between two statements would end this process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs `work` in one transaction; rolled back when it rejects. */
export async function inTransaction<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** Quotes an identifier that this sandbox made up itself. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal for statements that take no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
