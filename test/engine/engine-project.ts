// Temporary Pulumi projects for tests on the real engine: file backend, passphrase secrets, plugins from CUTOVER_PLUGINS.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** How a process ended. `code` is null when a signal ended it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** stdout and stderr in the order in which they came. */
  output: string;
}

/** One resource of an exported state. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
}

/** A pulumi process that still runs. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Output so far. */
  output(): string;
}

/** Kills a pulumi process alone, as a crash would, and gives the plugins that live on; they end with `endProcesses`. */
export async function killAlone({ child, ended }: Running): Promise<number[]> {
  const pid = child.pid;
  if (pid === undefined) throw new Error("the process never started");
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8")));
  process.kill(pid, "SIGKILL");
  await ended;
  return lists.flatMap((list) => list.split(" ").filter((text) => text !== "")).map(Number);
}

/** Ends orphans by their pids; one that is gone already is no error. */
export function endProcesses(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

const repositoryFolder = join(import.meta.dirname, "..", "..");

/** Folder of the plugins under test. Throws when CUTOVER_PLUGINS is missing: these tests are never skipped. */
export function pluginsFolder(): string {
  const folder = process.env["CUTOVER_PLUGINS"];
  if (folder === undefined || folder === "") {
    throw new Error("CUTOVER_PLUGINS must name the folder of pulumi-resource-command and pulumi-resource-kubernetes");
  }
  return folder;
}

/** Starts argv with these environment variables on top of the process's own; the caller waits for `ended`. */
export function start(argv: readonly string[], cwd: string, environment: Record<string, string>): Running {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => (output += text));
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => setTimeout(() => resolve({ code, signal, output }), 50));
  });
  return { child, ended, output: () => output };
}

/** A throwaway project with one stack named `test`. `remove` deletes its folder. */
export class EngineProject {
  readonly folder: string;
  readonly environment: Record<string, string>;

  private constructor(folder: string, environment: Record<string, string>) {
    this.folder = folder;
    this.environment = environment;
  }

  /** Makes the project and its stack; `environment` comes on top of what pulumi needs. */
  static async create(environment: Record<string, string> = {}): Promise<EngineProject> {
    const folder = await mkdtemp(join(tmpdir(), "cutover-engine-"));
    const path = [pluginsFolder(), dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
    const project = new EngineProject(folder, {
      PATH: path,
      PULUMI_HOME: join(folder, ".home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...environment,
    });
    await symlink(join(repositoryFolder, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "Pulumi.yaml"), "name: engine\nruntime: nodejs\n");
    await writeFile(join(folder, "package.json"), '{"name":"engine","main":"index.js"}\n');
    await project.program("");
    const init = await project.pulumi("stack", "init", "test");
    if (init.code !== 0) throw new Error(`pulumi stack init failed:\n${init.output}`);
    return project;
  }

  /** Writes the program; `pulumi`, `command` and `kubernetes` are in scope. */
  async program(body: string): Promise<void> {
    const lines = [
      'const pulumi = require("@pulumi/pulumi");',
      ...(body.includes("command.") ? ['const command = require("@pulumi/command");'] : []),
      ...(body.includes("kubernetes.") ? ['const kubernetes = require("@pulumi/kubernetes");'] : []),
      body,
    ];
    await writeFile(join(this.folder, "index.js"), lines.join("\n"));
  }

  /** Writes a file of the project, such as a step or a chart. */
  async write(path: string, content: string): Promise<void> {
    await writeFile(join(this.folder, path), content);
  }

  /** Content of a file of the project; empty when it does not exist. */
  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), "utf8").catch(() => "");
  }

  /** Starts pulumi in a process group of its own. */
  start(...argv: string[]): Running {
    return start(["pulumi", "--non-interactive", ...argv], this.folder, this.environment);
  }

  /** Runs pulumi to its end. */
  pulumi(...argv: string[]): Promise<Ended> {
    return this.start(...argv).ended;
  }

  up(...argv: string[]): Promise<Ended> {
    return this.pulumi("up", "--yes", "--skip-preview", ...argv);
  }

  preview(...argv: string[]): Promise<Ended> {
    return this.pulumi("preview", "--diff", ...argv);
  }

  /** Resources of the state, without secrets in clear. */
  async resources(): Promise<StateResource[]> {
    const { deployment } = await this.deployment();
    return deployment.resources ?? [];
  }

  /** The one resource with this name; throws when there is none. */
  async resource(name: string): Promise<StateResource> {
    const found = (await this.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
    if (found === undefined) throw new Error(`the state has no resource ${name}`);
    return found;
  }

  /** Text of the whole state. */
  async deployment(): Promise<{ deployment: { resources?: StateResource[]; pending_operations?: unknown[] } }> {
    const { output } = await this.pulumi("stack", "export");
    return JSON.parse(output) as Awaited<ReturnType<EngineProject["deployment"]>>;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
