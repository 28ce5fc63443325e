"use strict";
// What every step's Command runs: `node steps/bootstrap.cjs`, with the request on stdin.
const { existsSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { currentBuild, enableCompileCache, requireNode } = require("../build/build.cjs");

// Pulumi starts commands in the project folder. That folder counts, not the place of this file: a workspace may link here.
const here = process.cwd();
const root = existsSync(path.join(here, "Pulumi.yaml")) ? here : path.dirname(__dirname);

async function start() {
  requireNode();
  enableCompileCache(root);
  const { main } = await import(pathToFileURL(path.join(currentBuild(root), "step.js")).href);
  await main({ root });
}

start().catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
});
