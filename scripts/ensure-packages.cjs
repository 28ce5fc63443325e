// Installs the npm packages when node_modules does not hold what package-lock.json says. See with-node.cjs.
"use strict";
const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const sleep = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/**
 * True when the packages are those of the lock file: by the marker of our last install, or, after an install by hand, by
 * comparing npm's own record of what it installed.
 */
function isInstalled(root) {
  const lock = readText(path.join(root, "package-lock.json"));
  if (lock === null) return true;
  const marker = path.join(root, "node_modules", ".cutover-lock-sha256");
  const digest = createHash("sha256").update(lock).digest("hex");
  if (readText(marker) === digest) return true;
  const record = readText(path.join(root, "node_modules", ".package-lock.json"));
  if (record === null || !holdsAll(JSON.parse(lock).packages, JSON.parse(record).packages)) return false;
  fs.writeFileSync(marker, digest);
  return true;
}

/** Packages that the lock file no longer names do no harm: removing node_modules under running programs would. */
function holdsAll(wanted, installed) {
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === "") return true;
    const present = installed[name];
    // Packages for other machines are in the lock file only.
    return present === undefined ? entry.optional === true : present.version === entry.version;
  });
}

/** Installs what is missing. Resolves with null when all is there, else what to tell the person. Two processes at once take turns. */
async function ensurePackages(root) {
  if (isInstalled(root)) return null;
  const lock = path.join(root, ".cutover", "install.lock");
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  takeLock(lock);
  try {
    if (isInstalled(root)) return null;
    console.error("Installing the packages of package-lock.json (npm ci), about 30 s ...");
    const status = await npmCi(root, (pid) => fs.writeFileSync(lock, `${process.pid} ${pid}`));
    if (status !== 0) return `npm ci failed (exit code ${status}): see above. Then run the same command again.`;
    return isInstalled(root)
      ? null
      : "npm ci ended well, but packages are missing: remove node_modules and run the same command again.";
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function takeLock(lock) {
  for (let waited = 0; ; waited += 200) {
    try {
      return fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    // The npm of a killed launcher may still be at work: both must be gone.
    const owners = (readText(lock) || "")
      .split(" ")
      .map(Number)
      .filter((pid) => pid > 0);
    if (owners.length > 0 && !owners.some(isRunning)) fs.rmSync(lock, { force: true });
    else if (waited % 15000 === 0) console.error(`Process ${owners[0]} installs the packages, waiting for it ...`);
    sleep(200);
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Exit code of `npm ci`; a signal that reaches us ends npm too. */
function npmCi(root, onStart) {
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const modules = path.join(root, "node_modules") + path.sep;
  // Not the Node of node_modules: npm ci is about to remove it.
  const node = [process.env.npm_node_execpath, process.execPath].find((file) => file && !file.startsWith(modules));
  const npm = process.env.npm_execpath;
  const withoutModules = (process.env.PATH || "")
    .split(path.delimiter)
    .filter((folder) => !(folder + path.sep).startsWith(modules));
  const env = { ...process.env, PATH: withoutModules.join(path.delimiter) };
  const options = { cwd: root, stdio: ["ignore", 2, 2], env };
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm) && node !== undefined;
  const child = isNpm ? spawn(node, [npm, ...args], options) : spawn("npm", args, options);
  if (child.pid) onStart(child.pid);
  const forward = (signal) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`npm could not be started: ${error.message}`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code === null ? 1 : code));
  }).finally(() => signals.forEach((signal) => process.removeListener(signal, forward)));
}

module.exports = { ensurePackages };
