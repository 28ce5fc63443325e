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

function tier(name: string): Task {
  const files = globSync(`test/${name}/**/*.test.ts`, { cwd: root }).sort();
  return { name, argv: [bin("mocha/bin/mocha.js"), ...files], tests: true };
}

function run(task: Task, environment: Record<string, string>): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    process.stdout.write(`\n=== ${task.name}\n`);
    const child = spawn(process.execPath, task.argv, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const counts = task.tests
        ? countTests(output, code ?? 1)
        : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      process.stdout.write(`=== ${task.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s\n`);
      resolve(counts);
    });
  });
}

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const withCluster = [tier("engine"), tier("sandbox"), tier("faults")].filter((task) => task.argv.length > 1);
  const tasks =
    only.length === 0
      ? [...checks, ...withCluster]
      : only.flatMap((name) =>
          name === "check" ? checks : [...checks, ...withCluster].filter((task) => task.name === name),
        );
  if (tasks.length === 0) throw new Error(`nothing to run for "${only.join(" ")}"`);
  process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores\n`);
  const total = { passed: 0, failed: 0 };
  let environment: Record<string, string> = {};
  for (const task of tasks) {
    if (withCluster.some(({ name }) => name === task.name) && environment["PATH"] === undefined) {
      // Loaded here, so that `npm run check` needs nothing of the sandbox.
      const { prepareEnvironment } = await import("./prepare.ts");
      environment = await prepareEnvironment((line) => process.stdout.write(`${line}\n`));
    }
    const counts = await run(task, environment);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  if (environment["CUTOVER_PLUGINS"] !== undefined) rmSync(environment["CUTOVER_PLUGINS"], { recursive: true });
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
