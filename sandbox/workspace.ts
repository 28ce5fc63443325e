import { cp, mkdir, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "./contracts.ts";
import { projectEntries } from "./project-entries.ts";
import { startPulumi, type PulumiOptions, type PulumiProcess, type PulumiResult } from "./pulumi-process.ts";
import { editStackFile, type StackChanges } from "./stack-file.ts";

/** A copy of the project for one test or demonstration: its stack files and release sets may be changed at will. */
export interface Workspace {
  directory: string;
  /** Environment of every pulumi in it: the sandbox's. */
  environment: Record<string, string>;
  /** Changes `cutover:` keys of a stack file (key without the prefix; null removes it); comments stay. */
  editStack(stack: string, changes: StackChanges): Promise<void>;
  /** Runs pulumi to its end. A non-zero exit code is a result, not an error. */
  pulumi(args: readonly string[], options?: PulumiOptions): Promise<PulumiResult>;
  /** Starts pulumi in a process group of its own, to be interrupted or killed. */
  startPulumi(args: readonly string[], options?: PulumiOptions): PulumiProcess;
  /** `pulumi stack init`; afterwards `--stack <name>` works. */
  initStack(stack: string): Promise<void>;
  /** Removes the copy; the sandbox's own `stop` does it too. */
  remove(): Promise<void>;
}

/** The project's root. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/**
 * Makes a workspace: links to all top-level folders of the project, copies of its top-level files and of `stacks/`.
 * `directory` (must not exist) is chosen inside the sandbox when absent.
 */
export async function createWorkspace(
  sandbox: Pick<Sandbox, "directory" | "environment">,
  options: { directory?: string } = {},
): Promise<Workspace> {
  const directory = options.directory ?? (await mkdtemp(path.join(sandbox.directory, "workspaces", "w-")));
  await mkdir(directory, { recursive: true });
  // The program is built once for all workspaces.
  await mkdir(path.join(projectRoot, "dist"), { recursive: true });
  for (const entry of await projectEntries(projectRoot)) await place(entry, directory);

  const environment = { ...sandbox.environment };
  const start = (args: readonly string[], run: PulumiOptions = {}): PulumiProcess =>
    startPulumi(args, { ...run, workingDirectory: directory, environment: { ...environment, ...run.environment } });
  return {
    directory,
    environment,
    startPulumi: start,
    pulumi: (args, run) => start(args, run).result,
    editStack: (stack, changes) => editStackFile(stackFile(directory, stack), changes),
    initStack: async (stack) => {
      const result = await start(["stack", "init", "--stack", stack]).result;
      if (result.exitCode !== 0) throw new Error(`pulumi stack init ${stack}: ${result.stderr || result.stdout}`);
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function stackFile(directory: string, stack: string): string {
  return path.join(directory, "stacks", `Pulumi.${stack}.yaml`);
}

async function place(entry: string, directory: string): Promise<void> {
  const source = path.join(projectRoot, entry);
  const target = path.join(directory, entry);
  const isFolder = (await stat(source)).isDirectory();
  if (isFolder && entry !== "stacks") await symlink(source, target, "dir");
  else await cp(source, target, { recursive: true });
}
