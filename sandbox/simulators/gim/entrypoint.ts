// Runs a GIM job of one simulated pod: asks the simulators over loopback and prints what they say.
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const { SIMULATOR_URL: url = "", POD_NAME: pod = "", POD_NAMESPACE: namespace = "" } = process.env;
const response = await fetch(`${url}/gim/job`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ namespace, pod, arguments: process.argv.slice(2) }),
});
let exitCode = 1;
if (response.body !== null) {
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    const message = JSON.parse(line) as { line?: string; exitCode?: number };
    if (message.line !== undefined) console.log(message.line);
    if (message.exitCode !== undefined) exitCode = message.exitCode;
  }
}
process.exitCode = exitCode;
