import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import path from "node:path";
import ssh2 from "ssh2";
import { CutoverError } from "../../model/error.ts";
import { freePort } from "../process/free-port.ts";
import { sandboxMarker } from "../process/registry.ts";
import { startProcess } from "../process/start.ts";
import { stopProcesses } from "../process/stop.ts";
import { waitFor } from "../process/wait-for.ts";
import { copiedTo, ensureSshd } from "./find-sshd.ts";
import { giveFolder, loginUser, type LoginUser } from "./login-user.ts";

/** A real OpenSSH server on loopback and the one key that opens it. */
export interface RunningSshd {
  host: string;
  port: number;
  /** Who may log in. */
  user: string;
  login: LoginUser;
  /** `ssh-ed25519 AAAA...`, for cutover:nodes[].hostKey. */
  hostKey: string;
  /** OpenSSH text without a passphrase, for the Secret. */
  privateKey: string;
  /** Version and place, for people. */
  line: string;
  logTail(lines: number): Promise<string[]>;
  /** Ends the server; open sessions end with their clients. */
  stop(): Promise<void>;
}

/**
 * Starts sshd with an own configuration, host key and login key in `<folder>/sshd-<name>`. `environment` is set in every session. Throws
 * CUT-5690 when there is no sshd, CUT-5692 when it does not start.
 */
export async function startSshd(options: {
  /** Of the sandbox: its records and logs go there; others must be able to pass through it when we are root. */
  folder: string;
  name: string;
  environment?: Readonly<Record<string, string>>;
  say: (line: string) => void;
}): Promise<RunningSshd> {
  const { folder, name, say } = options;
  const login = await loginUser(say);
  const found = await ensureSshd(say);
  const server = login.identity === undefined ? found : await copiedTo(path.join(folder, "openssh-server"), found);
  const own = path.join(folder, `sshd-${name}`);
  await mkdir(path.join(folder, "logs"), { recursive: true });
  await mkdir(own, { mode: 0o700 });
  const [host, user] = [ssh2.utils.generateKeyPairSync("ed25519"), ssh2.utils.generateKeyPairSync("ed25519")];
  const port = await freePort();
  const environment = { ...options.environment, [sandboxMarker]: folder };
  const files = {
    host_key: host.private,
    authorized_keys: `${user.public}\n`,
    sshd_config: [...configuration(own, port, environment), ...server.configuration, ""].join("\n"),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(own, file), text, { mode: 0o600 });
  await giveFolder(login, own);
  const running = await startProcess({
    directory: folder,
    name: `sshd-${name}`,
    command: server.program,
    args: ["-D", "-e", "-f", path.join(own, "sshd_config")],
    environment: { ...process.env, ...server.environment, [sandboxMarker]: folder },
    workingDirectory: own,
    user: login.identity,
  });
  const giveUp = (): boolean => !running.running();
  if (!(await waitFor(() => answers(port), { timeoutMilliseconds: 30_000, giveUp }))) {
    await stopProcesses([running.record]);
    throw new CutoverError({
      code: "CUT-5692",
      verdict: "errored",
      happened: `the sandbox's sshd for ${name} did not start`,
      evidence: [server.line, ...(await running.logTail(6))],
      next: "see the lines above, then try again",
    });
  }
  return {
    host: "127.0.0.1",
    port,
    user: login.name,
    login,
    hostKey: host.public,
    privateKey: user.private,
    line: server.line,
    logTail: (lines) => running.logTail(lines),
    stop: async () => void (await stopProcesses([running.record])),
  };
}

function configuration(own: string, port: number, environment: Readonly<Record<string, string>>): string[] {
  const set = Object.entries(environment).map(([key, value]) => `"${key}=${value}"`);
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${path.join(own, "host_key")}`,
    `AuthorizedKeysFile ${path.join(own, "authorized_keys")}`,
    "PidFile none",
    // Both are for servers that are root.
    "UsePAM no",
    "StrictModes no",
    "AuthenticationMethods publickey",
    "PrintMotd no",
    "LogLevel VERBOSE",
    `SetEnv ${set.join(" ")}`,
  ];
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.setTimeout(2_000, () => socket.destroy(new Error("silent")));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").startsWith("SSH-2.0-OpenSSH"));
    });
  });
}

/** Lets another user pass through a folder of ours, not look around. */
export async function letThrough(folder: string): Promise<void> {
  await chmod(folder, 0o711);
}
