"use strict";
// Plain CommonJS: it also runs where Node is too old for everything else.
const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");

const folders = ["automation", "clients", "components", "model", "stacks", "steps"];
const files = ["package-lock.json", "build/build.cjs", "build/sources.cjs"];

/** Hash over all sources that the built programs come from: 16 hex digits. Reads every file, which takes about 10 ms. */
exports.hashSources = function hashSources(root) {
  const hash = createHash("sha256");
  const names = [...files, ...folders.flatMap((folder) => sourcesBelow(root, folder))].sort();
  for (const name of names)
    hash
      .update(name)
      .update("\0")
      .update(readFileSync(path.join(root, name)))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
};

function sourcesBelow(root, folder) {
  return listFolder(path.join(root, folder)).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skip(folder, entry.name) ? [] : sourcesBelow(root, name);
    return name.endsWith(".ts") && !name.endsWith(".d.ts") ? [name] : [];
  });
}

// Release sets, values and schemas are data; thousands of files there must not slow down every start.
function skip(folder, name) {
  return folder.startsWith("stacks") && ["releases", "values", "schemas"].includes(name);
}

function listFolder(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
