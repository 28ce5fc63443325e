// STAND-IN for SQL Server, as a process of its own. Settings come as one JSON line on stdin, which stays open: when the parent
// ends, this process ends too. Prints one JSON line when it listens. Faults: PUT a JSON list to its control address.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { SqlServer, SqlServerOptions } from "./contracts.ts";
import { parseFaults } from "./fault-board.ts";
import { startSqlServer } from "./server.ts";

async function perform(options: SqlServerOptions): Promise<void> {
  const server = await startSqlServer(options);
  const control = createServer((request, response) => {
    if (request.method !== "PUT" || request.url !== "/faults") {
      response.writeHead(404).end();
      return;
    }
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      setFaults(server, body).then(
        () => response.writeHead(204).end(),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  });
  control.listen(0, "127.0.0.1", () => {
    const { port } = control.address() as AddressInfo;
    // Functions are left out of JSON.
    console.log(JSON.stringify({ ...server, faults: undefined, control: `http://127.0.0.1:${port}` }));
  });
}

async function setFaults(server: SqlServer, body: string): Promise<void> {
  await server.faults.set(parseFaults(body));
}

const input = createInterface({ input: process.stdin });
input.once("line", (line) => {
  perform(JSON.parse(line) as SqlServerOptions).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
input.once("close", () => process.exit(0));
