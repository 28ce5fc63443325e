// The simulators' process: plays every annotated pod of the sandbox's cluster. Started by start.ts; settings come as one
// JSON line on stdin, which stays open: when the parent ends, this process ends too.
import { createInterface } from "node:readline";
import { ClusterApi } from "./cluster-api.ts";
import { Company } from "./company.ts";
import { FaultBoard } from "./fault-board.ts";
import type { Pod } from "./pod.ts";
import { watchPods } from "./pod-watcher.ts";
import { answerRequests, listen } from "./server.ts";
import type { SimulatorSettings } from "./settings.ts";

async function perform({ directory, kubeconfig, timings }: SimulatorSettings): Promise<void> {
  const { server, url } = await listen();
  const faults = new FaultBoard();
  const api = new ClusterApi(kubeconfig);
  const company = new Company({ api, faults, timings, directory, url });
  answerRequests(server, company, faults);
  let announced = false;
  const listed = (): void => {
    if (!announced) console.log(JSON.stringify({ url }));
    announced = true;
  };
  const on = { pod: (pod: Pod) => company.see(pod), gone: (uid: string) => company.gone(uid), listed };
  await watchPods(api, on, new AbortController().signal);
}

const input = createInterface({ input: process.stdin });
input.once("line", (line) => {
  perform(JSON.parse(line) as SimulatorSettings).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
input.once("close", () => process.exit(0));
