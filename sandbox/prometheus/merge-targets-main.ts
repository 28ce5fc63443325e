// Serves the metrics of all simulated pods as one target. Prometheus takes up to 10 s to act on a change of its targets
// (two throttles of 5 s, one of them fixed); through one target a new or vanished pod is seen within a second.
// Arguments: address of the simulators' target list, port.
import { createServer } from "node:http";
import { mergedMetrics, type TargetGroup } from "./merge-targets.ts";

const [list = "", port = ""] = process.argv.slice(2);

async function metrics(): Promise<string> {
  const answer = await fetch(list, { signal: AbortSignal.timeout(400) });
  return mergedMetrics((await answer.json()) as TargetGroup[], 500);
}

createServer((_request, response) => {
  metrics().then(
    (text) => response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text),
    (error: unknown) => response.writeHead(502).end(String(error)),
  );
}).listen(Number(port), "127.0.0.1");
