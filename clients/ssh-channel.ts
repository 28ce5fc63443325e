import type { ClientChannel } from "ssh2";
import { collectOutput } from "./process-output.ts";
import type { SshResult, SshRunOptions } from "./ssh-contract.ts";

const collectedBytes = 64 * 1024 * 1024;
const stderrBytes = 1024 * 1024;

/** Why a command was given up; the caller makes an error for people of it. */
export class ChannelProblem extends Error {
  readonly kind: "lost" | "slow";

  constructor(kind: "lost" | "slow", message: string) {
    super(message);
    this.name = "ChannelProblem";
    this.kind = kind;
  }
}

/** Feeds and drains one command until its channel is closed. Rejects with a ChannelProblem, with the signal's reason or with what input or sink threw. */
export function drive(channel: ClientChannel, options: SshRunOptions): Promise<SshResult> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr = collectOutput(stderrBytes);
    let size = 0;
    let exit: { code: number | null; by: string | null } | null = null;
    let settled = false;
    const closed = new Promise<void>((done) => channel.once("close", () => done()));
    const idle = timer(options.idleMilliseconds, "was silent for", (text) => fail(new ChannelProblem("slow", text)));
    const total = timer(options.timeoutMilliseconds, "took longer than", (text) =>
      fail(new ChannelProblem("slow", text)),
    );
    const abort = (): void => fail(options.signal?.reason);
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      idle.stop();
      total.stop();
      options.signal?.removeEventListener("abort", abort);
      return true;
    };
    const fail = (reason: unknown): void => {
      if (!settle()) return;
      // Without a terminal the far side notices only by its pipes, so it is asked to end first (OpenSSH 7.9 and later).
      channel.signal("TERM");
      channel.close();
      channel.resume();
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };

    channel.on("data", (chunk: Buffer) => {
      if (settled) return;
      idle.restart();
      if (options.onStdout === undefined) {
        size += chunk.length;
        if (size > collectedBytes) fail(new Error(`more than ${collectedBytes} bytes of output`));
        else stdout.push(chunk);
        return;
      }
      channel.pause();
      options.onStdout(chunk).then(() => channel.resume(), fail);
    });
    channel.stderr.on("data", (chunk: Buffer) => {
      idle.restart();
      stderr.add(chunk);
    });
    channel.on("exit", (code: number | null, by?: string) => {
      exit = { code, by: by ?? null };
    });
    channel.on("error", (error: unknown) => fail(new ChannelProblem("lost", String(error))));
    channel.on("close", () => {
      if (exit === null) return fail(new ChannelProblem("lost", "it ended without an exit code"));
      if (!settle()) return;
      resolve({ exitCode: exit.code, endedBy: exit.by, stdout: Buffer.concat(stdout), stderr: stderr.text() });
    });
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.signal?.aborted === true) return abort();
    feed(channel, options.input, closed, () => idle.restart()).catch(fail);
  });
}

/** Writes the input with back pressure. A command that ends early closes its channel, and writes to it would never come back. */
async function feed(
  channel: ClientChannel,
  input: AsyncIterable<Buffer> | undefined,
  closed: Promise<void>,
  onProgress: () => void,
): Promise<void> {
  let open = true;
  void closed.then(() => (open = false));
  for await (const chunk of input ?? []) {
    if (!open) return;
    onProgress();
    if (!channel.write(chunk)) {
      await Promise.race([closed, new Promise<void>((drained) => channel.once("drain", () => drained()))]);
    }
  }
  if (open) channel.end();
}

function timer(
  milliseconds: number | undefined,
  what: string,
  onEnd: (text: string) => void,
): { restart(): void; stop(): void } {
  if (milliseconds === undefined) return { restart: () => undefined, stop: () => undefined };
  const timeout = setTimeout(() => onEnd(`${what} ${milliseconds / 1000} s`), milliseconds);
  return { restart: () => void timeout.refresh(), stop: () => clearTimeout(timeout) };
}
