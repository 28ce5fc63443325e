"use strict";
// `require("@pulumi/pulumi")` also loads the Automation API, closure serialisation and with it parts of npm itself: 500 files and
// half of the time until a program's first line. This program uses none of them, so they are loaded when they are asked for.
const { Module, createRequire } = require("node:module");
const path = require("node:path");

/** What the two index files of the SDK 3.259 export: whole modules at once, the rest when it is first read. */
const indexes = {
  "runtime/index.js": {
    all: ["runtime/config", "runtime/invoke", "runtime/resource", "runtime/rpc", "runtime/settings", "runtime/stack"],
    later: {
      serializeFunctionAsync: ["runtime/closure/serializeClosure", "serializeFunctionAsync"],
      serializeFunction: ["runtime/closure/serializeClosure", "serializeFunction"],
      computeCodePaths: ["runtime/closure/codePaths", "computeCodePaths"],
      setMocks: ["runtime/mocks", "setMocks"],
    },
  },
  "index.js": {
    all: ["config", "errors", "metadata", "output", "resource", "stackReference", "stash"],
    later: Object.fromEntries(
      ["asset", "automation", "dynamic", "iterable", "log", "provider", "runtime", "utils"].map((name) => [
        name,
        [name],
      ]),
    ),
  },
};

/**
 * Puts lazy stand-ins for the SDK's index files into the module cache. Their exports are the same, name by name. Does nothing
 * for another version of the SDK, or when it has been loaded already.
 */
exports.useLeanSdk = function useLeanSdk(root) {
  const load = createRequire(path.join(root, "package.json"));
  const index = load.resolve("@pulumi/pulumi");
  const folder = path.dirname(index);
  if (load("@pulumi/pulumi/package.json").version !== "3.259.0") return;
  for (const [file, { all, later }] of Object.entries(indexes)) {
    const name = path.join(folder, file);
    if (load.cache[name] !== undefined) continue;
    load.cache[name] = standIn(name, (part) => load(path.join(folder, part)), all, later);
  }
};

function standIn(name, load, all, later) {
  const module = new Module(name);
  const { exports: own } = module;
  Object.defineProperty(own, "__esModule", { value: true });
  if (!all.some((part) => part.startsWith("runtime/"))) own.deploymentOnlyModule = true;
  for (const part of all) {
    const loaded = load(part);
    for (const key in loaded) if (!Object.hasOwn(own, key)) own[key] = loaded[key];
  }
  for (const [key, [part, member]] of Object.entries(later)) {
    const get = () => (member === undefined ? load(part) : load(part)[member]);
    Object.defineProperty(own, key, { enumerable: true, configurable: true, get });
  }
  return Object.assign(module, { filename: name, loaded: true, paths: Module._nodeModulePaths(path.dirname(name)) });
}
