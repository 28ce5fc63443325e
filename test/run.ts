import { spawn } from "node:child_process";
import { globSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { countTests, type Counts } from "./counts.ts";

// `npm test` runs everything, `npm run check` what needs nothing but Node. Closing line: "N passed, N failed".

const root = join(import.meta.dirname, "..");
const bin = (...parts: string[]) => join(root, "node_modules", ...parts);

interface Task {
  name: string;
  argv: string[];
  /** Tests are counted; other tasks count as one each. */
  tests: boolean;
}

const checks: Task[] = [
  { name: "format", argv: [bin("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."], tests: false },
  { name: "lint", argv: [bin("eslint/bin/eslint.js"), "--max-warnings", "0", "."], tests: false },
  { name: "types", argv: [bin("typescript/bin/tsc"), "-p", "."], tests: false },
  tier("unit"),
  tier("program"),
];

// The sandbox tests in parts of about the same time.
const isDriver = (file: string) => /driver-[a-z]+\.test\.ts$/.test(file);
const isRedpoint = (file: string) => /(redpoint|upgrade-api)[a-z-]*\.test\.ts$/.test(file);
const isInterrupted = (file: string) =>
  !isDriver(file) && !isRedpoint(file) && /(kills|recover|backup|custom-objects|upgrade)\.test\.ts$/.test(file);

function tier(name: string, chosen: (file: string) => boolean = () => true): Task {
  const files = globSync(`test/${name.split(" ")[0]}/**/*.test.ts`, { cwd: root })
    .sort()
    .filter(chosen);
  return { name, argv: [bin("mocha/bin/mocha.js"), "--no-color", ...files], tests: true };
}

/** Runs a task; `say` gets its output as it comes. */
function run(task: Task, environment: Record<string, string>, say: (text: string) => void): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    say(`\n=== ${task.name}\n`);
    const child = spawn(process.execPath, task.argv, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      say(chunk.toString());
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const counts = task.tests
        ? countTests(output, code ?? 1)
        : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      say(`=== ${task.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s\n`);
      resolve(counts);
    });
  });
}

const show = (text: string) => void process.stdout.write(text);

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const withCluster = [
    tier("sandbox driver", isDriver),
    tier("sandbox interrupted", isInterrupted),
    tier("sandbox redpoint", isRedpoint),
    tier("sandbox", (file) => !isInterrupted(file) && !isDriver(file) && !isRedpoint(file)),
    tier("engine"),
  ];
  const tasks =
    only.length === 0
      ? [...checks, ...withCluster]
      : only.flatMap((name) =>
          name === "check" ? checks : [...checks, ...withCluster].filter((task) => task.name.split(" ")[0] === name),
        );
  if (tasks.length === 0) {
    process.stderr.write(`there is no tier "${only.join(" ")}"; choose from: check, unit, program, engine, sandbox\n`);
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores\n`);
  const total = { passed: 0, failed: 0 };
  const add = (counts: Counts) => {
    total.passed += counts.passed;
    total.failed += counts.failed;
  };
  const isSlow = (task: Task) => withCluster.some(({ name }) => name === task.name);
  for (const task of tasks.filter((one) => !isSlow(one))) add(await run(task, {}, show));
  const slow = tasks.filter(isSlow);
  let environment: Record<string, string> = {};
  if (slow.length > 0) {
    // Loaded here, so that `npm run check` needs nothing of the sandbox.
    const { prepareEnvironment } = await import("./prepare.ts");
    environment = await prepareEnvironment((line) => show(`${line}\n`));
  }
  // They mostly wait, each for a cluster of its own: three side by side, the longest first. That one is shown as it comes, the
  // others when they end.
  const waiting = slow.map((task, index) => async () => {
    let text = "";
    add(await run(task, environment, index === 0 ? show : (chunk) => (text += chunk)));
    show(text);
  });
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
  };
  await Promise.all([work(), work(), work()]);
  if (environment["CUTOVER_PLUGINS"] !== undefined) rmSync(environment["CUTOVER_PLUGINS"], { recursive: true });
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
