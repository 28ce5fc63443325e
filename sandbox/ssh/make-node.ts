import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { waitFor } from "../process/wait-for.ts";
import { identify, isAlive } from "../process/identity.ts";
import { giveFolder, type LoginUser } from "./login-user.ts";
import { startSshd, type RunningSshd } from "./start-sshd.ts";

/** A folder of this machine that plays a node of RPI v6, with an SSH server of its own: the part behind the real sshd is a stand-in. */
export interface SandboxNode {
  name: string;
  sshd: RunningSshd;
  /** Where its files are. */
  home: string;
  /** Its two folders to back up: programs and web application. */
  folders: string[];
  /** For cutover:nodes; the private key has to be put into that Secret. */
  settings(privateKey: { namespace: string; secret: string; key: string }): Record<string, unknown>;
  /** The stand-in application's process lives. */
  running(): boolean;
  /** Commands that reached it so far: start, stop, enter, leave. */
  calls(): string[];
  /** From now on `stop` says yes and does nothing. */
  refuseToStop(refuse: boolean): Promise<void>;
  stop(): Promise<void>;
}

/**
 * `nodes:` of a release set for these nodes: `rpi-node` is on the PATH that each node's SSH server sets. The folders are each node's own, so
 * that they stand in its settings.
 */
export const sandboxNodeProcedure = {
  system: "posix",
  archive: ["tar", "-cf", "-", "-C", "${folder}", "."],
  list: ["find", "${folder}", "!", "-type", "d", "-print0"],
  extract: ["tar", "-xf", "-", "-C", "${folder}"],
  stop: ["rpi-node", "stop"],
  start: ["rpi-node", "start"],
  running: ["rpi-node", "running"],
  maintenanceMode: { enter: ["rpi-node", "enter"], leave: ["rpi-node", "leave"] },
  timeoutSeconds: 30,
} as const;

const files: Readonly<Record<string, string>> = {
  "RedPoint Global/Interaction/RedPoint.Interaction.Server.exe": "not a program\n",
  "RedPoint Global/Interaction/appsettings.json": '{ "ClusterName": "sandbox" }\n',
  "RedPoint Global/Plugins/Überblick & more.dll": "a name with letters, blanks and an ampersand\n",
  "wwwrpi/web.config": "<configuration/>\n",
  "wwwrpi/bin/Rpi.Web.dll": "x".repeat(200_000),
};

/** Makes a node, starts its SSH server and its application. */
export async function makeNode(options: {
  /** Of the sandbox. */
  folder: string;
  name: string;
  say: (line: string) => void;
}): Promise<SandboxNode> {
  const { folder, name, say } = options;
  const home = path.join(folder, `node-${name}`);
  const program = path.join(home, "bin", "rpi-node");
  await mkdir(path.dirname(program), { recursive: true });
  await mkdir(path.join(home, "run"));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(home, file)), { recursive: true });
    await writeFile(path.join(home, file), text);
  }
  await copyFile(fileURLToPath(new URL("rpi-node.sh", import.meta.url)), program);
  await chmod(program, 0o755);
  const searched = [path.dirname(program), "/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];
  const environment = { PATH: searched.join(":"), RPI_NODE_HOME: home };
  const sshd = await startSshd({ folder, name, environment, say });
  await giveFolder(sshd.login, home);
  const node = describeNode(name, home, sshd);
  await startApplication(node, sshd.login, environment);
  return node;
}

function describeNode(name: string, home: string, sshd: RunningSshd): SandboxNode {
  const folders = [path.join(home, "RedPoint Global"), path.join(home, "wwwrpi")];
  const calls = (): string[] => readLines(path.join(home, "run", "calls"));
  const refusal = path.join(home, "run", "refuses-to-stop");
  const running = (): boolean => isRunning(path.join(home, "run", "pid"));
  return {
    name,
    sshd,
    home,
    folders,
    settings: (privateKey) => ({
      name,
      address: sshd.host,
      port: sshd.port,
      user: sshd.user,
      hostKey: sshd.hostKey,
      privateKey,
      folders,
    }),
    running,
    calls,
    refuseToStop: (refuse) => (refuse ? writeFile(refusal, "") : rm(refusal, { force: true })),
    async stop() {
      const pid = Number(readLines(path.join(home, "run", "pid"))[0] ?? 0);
      if (pid > 0 && running()) process.kill(pid, "SIGKILL");
      await sshd.stop();
    },
  };
}

async function startApplication(
  node: SandboxNode,
  login: LoginUser,
  environment: Record<string, string>,
): Promise<void> {
  const { runCommand } = await import("../process/run.ts");
  const program = path.join(node.home, "bin", "rpi-node");
  const whole = { ...environment, CUTOVER_SANDBOX: path.dirname(node.home) };
  const result = await runCommand(program, ["start"], {
    environment: whole,
    workingDirectory: node.home,
    user: login.identity,
  });
  const up = result.exitCode === 0 && (await waitFor(async () => node.running(), { timeoutMilliseconds: 10_000 }));
  if (!up) throw new Error(`the stand-in on ${node.name} did not start: ${result.stderr}`);
  await rm(path.join(node.home, "run", "calls"), { force: true });
}

function isRunning(pidFile: string): boolean {
  const pid = Number(readLines(pidFile)[0] ?? 0);
  return pid > 0 && isAlive(identify(pid));
}

function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
