import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { lastLines, runCommand } from "../process/run.ts";

/** Where unpacked libraries may lie, for LD_LIBRARY_PATH. */
export function libraryFolders(root: string): string[] {
  const machine = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  return [`usr/lib/${machine}`, `lib/${machine}`, "usr/lib", "lib"].map((folder) => path.join(root, folder));
}

/**
 * Unpacks a Debian package and the shared libraries that one of its programs lacks on this machine into a folder, without root and without
 * touching the system: apt-get gets state and cache folders of its own. Returns lines of evidence when it fails, else null.
 */
export async function unpackDebianPackage(name: string, program: string, folder: string): Promise<string[] | null> {
  await mkdir(path.dirname(folder), { recursive: true });
  const scratch = await mkdtemp(path.join(path.dirname(folder), ".apt-"));
  try {
    const part = path.join(scratch, "unpacked");
    const lists = path.join(scratch, "state", "lists", "partial");
    for (const needed of [lists, path.join(scratch, "cache", "archives", "partial"), part]) {
      await mkdir(needed, { recursive: true });
    }
    const update = await apt(scratch, ["update"]);
    const depends: string[] = [];
    for (let wanted = [name], round = 0; wanted.length > 0; round += 1) {
      const problem = await fetchAndUnpack(scratch, wanted, part, depends);
      if (problem !== null || round > 4) {
        return problem === null
          ? [`${program} still lacks ${wanted.join(", ")}`]
          : [...lastLines(update, 2), ...problem];
      }
      wanted = await lackingPackages(path.join(part, program), part, depends);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
    return null;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function apt(scratch: string, words: readonly string[]): Promise<string> {
  const options = [
    `Dir::State=${scratch}/state`,
    `Dir::Cache=${scratch}/cache`,
    "Dir::State::status=/var/lib/dpkg/status",
    "Debug::NoLocking=1",
    "APT::Sandbox::User=",
    // An image's own clean-up of /var/cache is none of ours.
    "DPkg::Post-Invoke=",
    "APT::Update::Post-Invoke=",
  ];
  const args = ["-q", ...options.flatMap((option) => ["-o", option]), ...words];
  const result = await runCommand("apt-get", args, { workingDirectory: scratch, timeoutMilliseconds: 240_000 });
  return `${result.stdout}\n${result.stderr}`;
}

async function fetchAndUnpack(
  scratch: string,
  packages: readonly string[],
  part: string,
  depends: string[],
): Promise<string[] | null> {
  const said = await apt(scratch, ["download", ...packages]);
  const files = (await readdir(scratch)).filter((file) => file.endsWith(".deb"));
  if (files.length === 0) return [`apt-get download ${packages.join(" ")}:`, ...lastLines(said, 4)];
  for (const file of files) {
    const archive = path.join(scratch, file);
    const result = await runCommand("dpkg-deb", ["-x", archive, part]);
    if (result.exitCode !== 0) return [`dpkg-deb -x ${file}:`, ...lastLines(result.stderr, 3)];
    depends.push((await runCommand("dpkg-deb", ["-f", archive, "Depends"])).stdout);
    await rm(archive);
  }
  return null;
}

/** Packages of `depends` that hold the shared libraries that the program does not find: libwrap.so.0 is in libwrap0. */
async function lackingPackages(program: string, part: string, depends: readonly string[]): Promise<string[]> {
  const environment = { ...process.env, LD_LIBRARY_PATH: libraryFolders(part).join(path.delimiter) };
  const { stdout } = await runCommand("ldd", [program], { environment });
  const libraries = [...stdout.matchAll(/^\s*(lib[\w+-]+)\.so\S* => not found/gm)].map((match) => match[1] ?? "");
  const names = depends
    .join(",")
    .split(/[,|]/)
    .map((entry) => entry.trim().split(/\s/)[0] ?? "");
  return [...new Set(names.filter((name) => libraries.some((library) => name.startsWith(library))))];
}
