import type { Client, PublicKeyAuthMethod, ServerHostKeyAlgorithm } from "ssh2";
import { commandLine } from "../model/nodes/command-line.ts";
import { offeredAlgorithms, parseHostKey } from "../model/nodes/host-key.ts";
import { ChannelProblem, drive } from "./ssh-channel.ts";
import type { SshConnection, SshConnectOptions, SshResult, SshRunOptions, SshTarget } from "./ssh-contract.ts";
import { connectError, connectionLost, tooSlow, unusableKey } from "./ssh-errors.ts";

/**
 * Logs in with a key, after the server has shown exactly the pinned host key.
 * @throws CutoverError CUT-4351 when hostKey is no key, CUT-4352 when there is no answer, CUT-4353 when the server has another key, CUT-4354
 * when it refuses the login, CUT-4355 when the private key cannot be used, CUT-4359 when no common algorithm is found.
 */
export async function connectSsh(target: SshTarget, options: SshConnectOptions = {}): Promise<SshConnection> {
  const pinned = parseHostKey(target.hostKey);
  const { default: ssh2 } = await import("ssh2");
  const key = ssh2.utils.parseKey(target.privateKey);
  if (key instanceof Error) throw unusableKey(target.node, key.message);
  if (!key.isPrivateKey()) throw unusableKey(target.node, "it is a public key");
  options.signal?.throwIfAborted();
  const login: PublicKeyAuthMethod = { type: "publickey", username: target.user, key };
  const client = new ssh2.Client();
  let presented: Buffer | null = null;
  let problem: unknown = null;
  // Also after the login: an error event that nobody listens to would end the process.
  client.on("error", (error) => (problem ??= error));
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      client.destroy();
      reject(options.signal?.reason as Error);
    };
    options.signal?.addEventListener("abort", abort, { once: true });
    const settle = (end: () => void) => (): void => {
      options.signal?.removeEventListener("abort", abort);
      end();
    };
    client.once("ready", settle(resolve));
    client.once(
      "close",
      settle(() => reject(connectError(target, problem ?? new Error("the server hung up"), pinned, presented))),
    );
    client.once(
      "error",
      settle(() => {
        client.destroy();
        reject(connectError(target, problem, pinned, presented));
      }),
    );
    client.connect({
      host: target.address,
      port: target.port,
      username: target.user,
      authHandler: [login],
      hostVerifier: (shown: Buffer) => {
        presented = Buffer.from(shown);
        return presented.equals(pinned.bytes);
      },
      algorithms: { serverHostKey: offeredAlgorithms(pinned.type) as ServerHostKeyAlgorithm[] },
      readyTimeout: options.connectTimeoutMilliseconds ?? 20_000,
      keepaliveInterval: options.keepaliveMilliseconds ?? 10_000,
      keepaliveCountMax: 3,
    });
  });
  return {
    node: target.node,
    run: (argv, runOptions = {}) => runCommand(client, target, argv, runOptions, () => problem),
    close: () => void client.end(),
  };
}

async function runCommand(
  client: Client,
  target: SshTarget,
  argv: readonly string[],
  options: SshRunOptions,
  connectionProblem: () => unknown,
): Promise<SshResult> {
  const line = commandLine(target.system, argv);
  options.signal?.throwIfAborted();
  try {
    return await execute(client, line, options);
  } catch (error) {
    if (error instanceof NotOpened) throw connectionLost(target, argv, connectionProblem() ?? error.cause);
    if (!(error instanceof ChannelProblem)) throw error;
    if (error.kind === "slow") throw tooSlow(target, argv, error.message);
    throw connectionLost(target, argv, connectionProblem() ?? error);
  }
}

class NotOpened extends Error {}

function execute(client: Client, line: string, options: SshRunOptions): Promise<SshResult> {
  return new Promise((resolve, reject) => {
    try {
      client.exec(line, (error, channel) => {
        // At once: output and exit code may be in the same packet as the answer, and are not kept for a later listener.
        if (error === undefined) drive(channel, options).then(resolve, reject);
        else reject(new NotOpened(error.message, { cause: error }));
      });
    } catch (cause) {
      // ssh2 throws when the connection is closed.
      reject(new NotOpened("not connected", { cause }));
    }
  });
}
