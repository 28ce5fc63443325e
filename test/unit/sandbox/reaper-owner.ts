// Started by processes.test.ts and killed by it: the owner of a sandbox with one process.
import { startReaper } from "../../../sandbox/process/reaper.ts";
import { startProcess } from "../../../sandbox/process/start.ts";

const directory = process.argv[2] ?? "";
startReaper(directory);
await startProcess({
  directory,
  name: "child",
  command: process.execPath,
  args: ["-e", "setInterval(() => {}, 1000)"],
  environment: process.env,
});
setInterval(() => undefined, 1000);
