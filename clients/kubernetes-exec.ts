import { Writable } from "node:stream";
import { messageOf } from "../model/error.ts";
import type { ApiConnection } from "./kubernetes-connection.ts";
import { ApiError } from "./kubernetes-error.ts";

const outputLimit = 1024 * 1024;

/** Result of a command in a container. Output is cut to its last MiB. */
export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** One command in a container. */
export interface ExecRequest {
  namespace: string;
  pod: string;
  container: string | undefined;
  command: readonly string[];
  timeoutMilliseconds: number;
  signal?: AbortSignal;
}

// The library's WebSocket type needs a package of types that is not there.
interface ExecSocket {
  close(): void;
  addEventListener(type: "close", listener: () => void): void;
}

interface ExecStatus {
  status?: string;
  reason?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/**
 * Runs argv in a container and waits for its end.
 * @throws ApiError when the command could not be started, the connection broke, or the time was over: then nobody knows whether the command ended.
 */
export async function execInPod(connection: ApiConnection, request: ExecRequest): Promise<ExecResult> {
  const what = `exec in pod ${request.namespace}/${request.pod}`;
  const [{ Exec }, config] = await Promise.all([
    import("@kubernetes/client-node/dist/exec.js"),
    connection.kubeConfig(),
  ]);
  const stdout = collector();
  const stderr = collector();
  const stop = AbortSignal.any([
    AbortSignal.timeout(request.timeoutMilliseconds),
    ...(request.signal === undefined ? [] : [request.signal]),
  ]);
  return new Promise((resolve, reject) => {
    const fail = (reason: string, message: string, status = 500) => {
      reject(new ApiError(status, reason, `${what}: ${message}`));
    };
    const done = (status: ExecStatus) => {
      const exitCode = exitCodeOf(status);
      if (exitCode === null) fail(status.reason ?? "", status.message ?? "ended without an exit code");
      else resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text() });
    };
    let socket: ExecSocket | null = null;
    const abort = () => {
      const waited = `${request.timeoutMilliseconds / 1000} s`;
      fail("Timeout", `stopped waiting (limit ${waited}); the command may still be running`);
      socket?.close();
    };
    stop.addEventListener("abort", abort, { once: true });
    const { namespace, pod, container = "", command } = request;
    new Exec(config)
      .exec(namespace, pod, container, [...command], stdout, stderr, null, false, done)
      .then((opened: unknown) => {
        socket = opened as ExecSocket;
        if (stop.aborted) socket.close();
        socket.addEventListener("close", () => {
          stop.removeEventListener("abort", abort);
          // After `done` this is without effect: a promise settles once.
          fail("ConnectionClosed", "the connection closed before the command's exit code came");
        });
      })
      .catch((error: unknown) => {
        stop.removeEventListener("abort", abort);
        const message = eventMessage(error);
        // The library gives the refused handshake's status only as text.
        const status = Number(/server response: (\d{3})/.exec(message)?.[1] ?? 500);
        fail(status === 404 ? "NotFound" : "ConnectFailed", message, status);
      });
  });
}

// WebSocket errors come as events whose message is a property, not as Error objects.
function eventMessage(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === "string" && message !== "" ? message : messageOf(error);
}

// Simulated nodes (kwok 0.8) report a command's exit code only in an error's text; kubelets report it as a cause.
const kwokExit = /error executing command in container: cmd wait: [\s\S]*: exit status (\d+)$/;

function exitCodeOf(status: ExecStatus): number | null {
  if (status.status === "Success") return 0;
  const cause = status.details?.causes?.find((entry) => entry.reason === "ExitCode");
  const text = cause?.message ?? kwokExit.exec(status.message ?? "")?.[1];
  const code = Number(text);
  return text !== undefined && Number.isInteger(code) ? code : null;
}

function collector(): Writable & { text(): string } {
  let chunks: Buffer[] = [];
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * outputLimit) {
        chunks = [Buffer.concat(chunks).subarray(-outputLimit)];
        size = outputLimit;
      }
      done();
    },
  });
  return Object.assign(sink, { text: () => Buffer.concat(chunks).subarray(-outputLimit).toString("utf8") });
}
