"use strict";
// Plain CommonJS: it also runs where Node is too old for everything else.
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require("node:fs");
const path = require("node:path");

const wantedNode = [22, 18];
const keptBuilds = 3;
const hourMilliseconds = 3_600_000;

/** Throws one clear sentence (CUT-2001) when this Node cannot run cutover. */
exports.requireNode = function requireNode(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  if (major > wantedNode[0] || (major === wantedNode[0] && minor >= wantedNode[1])) return;
  throw sentence(
    `CUT-2001 cutover needs Node ${wantedNode.join(".")} or newer, but \`node\` on the PATH is ${version}: put a newer one first on the PATH, such as the one in node_modules/.bin.`,
  );
};

/**
 * Makes sure that dist/<hash of the sources>/ exists and that dist/current names it. Takes about 10 ms when nothing has changed.
 * Returns the folder with program.cjs, step.js and recover.js. Throws CUT-2002 with the compiler's messages.
 */
exports.ensureBuilt = function ensureBuilt(root) {
  // Loaded here, because a step, which only reads dist/current, is started dozens of times.
  const hash = require("./sources.cjs").hashSources(root);
  const dist = path.join(root, "dist");
  const folder = path.join(dist, hash);
  if (!existsSync(folder)) build(root, dist, folder);
  if (readCurrent(dist) !== hash) {
    touch(folder);
    replaceFile(path.join(dist, "current"), hash);
  }
  return folder;
};

/** The folder that dist/current names, built first when there is none. Cheaper than `ensureBuilt`: it reads one file. */
exports.currentBuild = function currentBuild(root) {
  const dist = path.join(root, "dist");
  const current = readCurrent(dist);
  const folder = current === null ? null : path.join(dist, current);
  return folder !== null && existsSync(folder) ? folder : exports.ensureBuilt(root);
};

/** Lets Node keep compiled code beside the builds: it halves the time of an import. */
exports.enableCompileCache = function enableCompileCache(root) {
  require("node:module").enableCompileCache?.(path.join(root, "dist", "cache"));
};

function build(root, dist, folder) {
  const partial = path.join(dist, `.part-${process.pid}-${Date.now()}`);
  try {
    mkdirSync(partial, { recursive: true });
    bundle(root, partial);
    renameSync(partial, folder);
  } catch (error) {
    // Two builds may race; the sources are the same, so the other one's result is ours.
    if (existsSync(folder)) return;
    throw error.errors === undefined
      ? error
      : sentence(`CUT-2002 the sources do not build:\n${messages(error.errors)}`);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  prune(dist);
}

function bundle(root, outdir) {
  const source = (file) => path.join(root, file);
  const platforms = readdirSync(source("stacks")).filter((name) => existsSync(source(`stacks/${name}/platform.ts`)));
  const esbuild = require("esbuild");
  const common = {
    absWorkingDir: root,
    outdir,
    bundle: true,
    platform: "node",
    target: "node22",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    // The language host has loaded the SDK already; a second copy would not know the run it is in. pg-native is optional, and a part
    // of ssh2 works only as the CommonJS file that it is.
    external: ["@pulumi/*", "pg-native", "ssh2"],
  };
  // CommonJS, because importing the SDK's CommonJS from a module makes Node read and scan its files once more.
  esbuild.buildSync({
    ...common,
    entryPoints: { program: source("stacks/program.ts") },
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    // Only unusual kubeconfigs need it: 2.4 MB that would be read at every start of the program.
    external: [...common.external, "@kubernetes/client-node/*"],
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  esbuild.buildSync({
    ...common,
    entryPoints: {
      step: source("steps/main.ts"),
      recover: source("automation/recover.ts"),
      cutover: source("automation/main.ts"),
      ...Object.fromEntries(platforms.map((name) => [`platforms/${name}`, source(`stacks/${name}/platform.ts`)])),
    },
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    // CommonJS dependencies inside a module still call require.
    banner: {
      js: 'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);',
    },
  });
}

// Old builds may still be in use by a step or a worker: none younger than an hour goes.
function prune(dist) {
  const builds = readdirSync(dist)
    .filter((name) => /^[0-9a-f]{16}$|^\.part-/.test(name))
    .map((name) => ({ folder: path.join(dist, name), used: usedAt(path.join(dist, name)) }))
    .sort((a, b) => b.used - a.used);
  for (const { folder, used } of builds.slice(keptBuilds)) {
    if (Date.now() - used > hourMilliseconds) rmSync(folder, { recursive: true, force: true });
  }
}

function usedAt(folder) {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}

function touch(folder) {
  utimesSync(folder, new Date(), new Date());
}

function readCurrent(dist) {
  try {
    return readFileSync(path.join(dist, "current"), "utf8").trim();
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function replaceFile(file, text) {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

function messages(errors) {
  return errors
    .map(({ text, location }) => `  ${location ? `${location.file}:${location.line}: ` : ""}${text}`)
    .join("\n");
}

/** An error that is shown as its sentence: no stack trace, and Pulumi adds nothing. */
function sentence(text) {
  return Object.assign(new Error(text), { stack: text, __pulumiRunError: true });
}
