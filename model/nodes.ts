import * as z from "zod";
import { connectionReference } from "./operational-databases.ts";

const argv = z.array(z.string()).min(1);

/**
 * How the nodes of a platform outside Kubernetes are stopped, saved and started: data of a release set (Redpoint v6). Commands run
 * on the node over SSH, one argv each; `${folder}` is filled in.
 */
export const nodeProcedure = z.strictObject({
  /**
   * Decides how argv is quoted (model/nodes/command-line.ts) and how folders are moved: OpenSSH for Windows with cmd or PowerShell as its
   * shell, or a POSIX shell.
   */
  system: z.enum(["windows", "posix"]).default("windows"),
  /** Saved before anything else (seed 000, step 1; these are the default locations there). */
  folders: z.array(z.string()).default(["C:\\Program Files\\RedPoint Global", "C:\\inetpub\\wwwrpi"]),
  /** Writes a tar of `${folder}` to stdout. */
  archive: argv.default(["tar", "-cf", "-", "-C", "${folder}", "."]),
  /**
   * Lists every file below `${folder}` with its whole path: what the archive must hold. Windows: one a line, UTF-8 or UTF-16 (`/u`: the
   * console's code page would lose letters); POSIX: separated by newlines, or by NUL (`find ${folder} ! -type d -print0`).
   */
  list: argv.default(["cmd", "/u", "/c", "dir", "/s", "/b", "/a-d", "${folder}"]),
  /** Reads a tar on stdin and writes it to `${folder}` (`cutover restore --nodes`). */
  extract: argv.default(["tar", "-xf", "-", "-C", "${folder}"]),
  /** Ends the application, and does nothing where it is stopped already. It may end before the application has ended. */
  stop: argv,
  /** Starts the application so that it outlives the SSH session (a Windows service does), and does nothing where it runs. */
  start: argv,
  /** Exit 0: the application runs; 1: it is stopped; anything else: could not tell. */
  running: argv,
  /**
   * Users are logged out before the stop (v6 Maintenance Mode); run on one node alone, the first that runs. `leave` must do nothing where
   * the mode is not on: a rollback that is tried again calls it again.
   */
  maintenanceMode: z.strictObject({ enter: argv, leave: argv }).optional(),
  /** How long a node may take to stop or start, and how long an archive may be silent. */
  timeoutSeconds: z.number().positive().default(1800),
});
export type NodeProcedure = z.infer<typeof nodeProcedure>;

/** One node of an environment. */
export const nodeSettings = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  address: z.string(),
  port: z.number().int().positive().default(22),
  user: z.string(),
  /** `ssh-ed25519 AAAA...`: the one key that is accepted; an unknown or changed one is refused. */
  hostKey: z
    .string()
    .regex(
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/,
      "a key such as ssh-ed25519 AAAA...",
    ),
  /** Secret with the private key (PEM or OpenSSH), without a passphrase. */
  privateKey: connectionReference,
  /** Folders of this node where they differ from the procedure's. */
  folders: z.array(z.string()).optional(),
  /**
   * A VM snapshot instead of archives (seed 000): local argv; prints one JSON receipt {id, finishedAt, sizeBytes?} on its last line, as
   * backup commands do. CUTOVER_NODE, CUTOVER_NODE_ADDRESS and CUTOVER_RUN are in its environment.
   */
  snapshot: argv.optional(),
});
export type NodeSettings = z.infer<typeof nodeSettings>;
