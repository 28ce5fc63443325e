#!/usr/bin/env node
"use strict";
// `cutover ...`: builds when needed and starts the bundle. The project is the folder with Pulumi.yaml, from here upwards; else this package's.
const { existsSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { enableCompileCache, ensureBuilt, requireNode } = require("../build/build.cjs");

function projectFolder() {
  if (process.env.CUTOVER_PROJECT) return path.resolve(process.env.CUTOVER_PROJECT);
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "Pulumi.yaml")) && existsSync(path.join(folder, "stacks"))) return folder;
    if (path.dirname(folder) === folder) return path.dirname(__dirname);
  }
}

async function start() {
  requireNode();
  const root = projectFolder();
  enableCompileCache(root);
  const { main } = await import(pathToFileURL(path.join(ensureBuilt(root), "cutover.js")).href);
  await main({ root, argv: process.argv.slice(2) });
}

start().catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
});
