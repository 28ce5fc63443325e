import { createServer } from "node:net";
import { CutoverError } from "../../model/error.ts";

// Below the range from which systems take the ports of outgoing connections: nobody gets one by accident.
const lowest = 12000;
const highest = 32000;
const given = new Set<number>();

/** A loopback port that nobody listens on. Chosen at random, so that two sandboxes at once seldom meet. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new CutoverError({
    code: "CUT-9080",
    verdict: "errored",
    happened: `no free port between ${lowest} and ${highest} was found on this machine`,
    next: "end the programs that hold them, then try again",
  });
}

/** Several different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index++) ports.push(await freePort());
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
