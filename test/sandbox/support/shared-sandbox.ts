import { after } from "mocha";
import type { Sandbox } from "../../../sandbox/contracts.ts";
import { createSandbox } from "../../../sandbox/create.ts";

let shared: Promise<Sandbox> | undefined;

/** One cluster, database server, Kafka and Prometheus for all tests of a mocha run; every scenario has its own namespaces in it. */
export function sharedSandbox(): Promise<Sandbox> {
  shared ??= createSandbox({ say: (line) => process.stdout.write(`    ${line}\n`), factRows: 200, prefixes: [] });
  return shared;
}

after(async function () {
  this.timeout(60_000);
  if (shared !== undefined) await (await shared).stop();
});
