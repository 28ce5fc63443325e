import type { NodeProcedure } from "../model/nodes.ts";

/** Where a node is and who logs in there. */
export interface SshTarget {
  /** The node's name, for people. */
  node: string;
  address: string;
  port: number;
  user: string;
  /** `ssh-ed25519 AAAA...`: the only key that is accepted. */
  hostKey: string;
  /** PEM or OpenSSH text without a passphrase. Never printed, never written to disk. */
  privateKey: string;
  system: NodeProcedure["system"];
}

export interface SshConnectOptions {
  /** Until the login has succeeded; default 20 000. */
  connectTimeoutMilliseconds?: number;
  /** Three unanswered questions in a row mean that the connection is lost; default 10 000. */
  keepaliveMilliseconds?: number;
  signal?: AbortSignal;
}

export interface SshRunOptions {
  /** Longest time in all. */
  timeoutMilliseconds?: number;
  /** Longest time without a byte in either direction. */
  idleMilliseconds?: number;
  signal?: AbortSignal;
  /** Written to the command's stdin, which is closed after it; absent: stdin is empty. */
  input?: AsyncIterable<Buffer>;
  /** Gets stdout as it comes; nothing is read on while its promise is open. Absent: stdout is collected, up to 64 MiB. */
  onStdout?: (chunk: Buffer) => Promise<void>;
}

export interface SshResult {
  /** Null when a signal ended the command. */
  exitCode: number | null;
  /** `SIGKILL`, ...; null: it ended by itself. */
  endedBy: string | null;
  /** Empty with `onStdout`. */
  stdout: Buffer;
  /** The last MiB. */
  stderr: string;
}

/** One login on one node; several commands may follow each other. */
export interface SshConnection {
  node: string;
  /**
   * Runs a command to its end; any exit code resolves. Throws CUT-4356 when the connection is lost (whether the command ended is then not
   * known), CUT-4357 when it takes too long, CUT-4358 when its words cannot be quoted.
   */
  run(argv: readonly string[], options?: SshRunOptions): Promise<SshResult>;
  close(): void;
}
