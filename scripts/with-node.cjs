// Runs a TypeScript file of the project with a suitable Node. Plain CommonJS that old Nodes understand and that needs no
// package: in a fresh clone it is the first thing that runs. It installs the packages when they are missing or outdated,
// takes the Node they bring where the caller's is too old, and passes signals and the exit code through.
"use strict";
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { ensurePackages } = require("./ensure-packages.cjs");

const root = path.dirname(__dirname);
const wanted = [22, 18];

function isSuitable(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}

/** Version that an executable prints, or "" when it does not run. */
function versionOf(file) {
  if (!fs.existsSync(file)) return "";
  const result = spawnSync(file, ["--version"], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : "";
}

function suitableNode() {
  // The packages may have been installed anew, and with them the Node that runs us.
  if (isSuitable(process.version) && fs.existsSync(process.execPath)) return process.execPath;
  const modules = path.join(root, "node_modules");
  const candidates = [
    path.join(modules, `node-${process.platform}-${process.arch}`, "bin", "node"),
    path.join(modules, ".bin", "node"),
  ];
  return candidates.find((file) => isSuitable(versionOf(file) || "v0.0"));
}

async function main() {
  const [script, ...rest] = process.argv.slice(2);
  if (script === undefined) {
    console.error("usage: node scripts/with-node.cjs FILE.ts [ARGUMENT...]");
    return process.exit(2);
  }
  const problem = await ensurePackages(root);
  if (problem !== null) {
    console.error(problem);
    return process.exit(1);
  }
  const node = suitableNode();
  if (node === undefined) {
    console.error(
      `Node ${wanted.join(".")} or newer is needed: this is ${process.version}, and the packages bring none for ` +
        `${process.platform}-${process.arch}. Install one from https://nodejs.org and run the same command again.`,
    );
    return process.exit(1);
  }
  run(node, [path.resolve(root, script), ...rest]);
}

function run(node, args) {
  const flags = ["--disable-warning=ExperimentalWarning"];
  const environment = { ...process.env, PATH: path.dirname(node) + path.delimiter + (process.env.PATH || "") };
  // Node's fetch asks the proxy only when told so.
  if (process.env.HTTPS_PROXY || process.env.https_proxy) environment.NODE_USE_ENV_PROXY = "1";
  const child = spawn(node, [...flags, ...args], { stdio: "inherit", env: environment });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A Ctrl-C at a terminal has reached the child already: twice would mean "at once".
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code === null ? 128 + (os.constants.signals[signal] || 0) : code));
}

void main();
