import { CutoverError, messageOf } from "../model/error.ts";
import type { KubernetesApiError } from "./contracts.ts";

/** An answer >= 400 of the API server. Holds its reason and message, never request headers. */
export class ApiError extends Error implements KubernetesApiError {
  readonly status: number;
  readonly reason: string;
  /** Seconds the server asked to wait, when it did. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, reason: string, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.name = "KubernetesApiError";
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** True for answers of the API server (not for connection errors). */
export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

/** Turns the body of an error answer into an error; `what` is method and path. */
export function apiErrorOf(status: number, body: string, what: string, retryAfter: string | undefined): ApiError {
  let reason = "";
  let message = body.trim().slice(0, 500);
  try {
    const parsed = JSON.parse(body) as { reason?: unknown; message?: unknown };
    if (typeof parsed.reason === "string") reason = parsed.reason;
    if (typeof parsed.message === "string") message = parsed.message;
  } catch {
    // Proxies and unknown paths answer in plain text.
  }
  const seconds = Number(retryAfter);
  const wait = retryAfter !== undefined && Number.isFinite(seconds) ? seconds : null;
  return new ApiError(status, reason, `${what}: ${status} ${reason || "error"}: ${message}`, wait);
}

/** The API server gave no answer at all. */
export function unreachable(server: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-4001",
      verdict: "errored",
      happened: `The Kubernetes API server at ${server} cannot be reached.`,
      evidence: [connectionProblem(cause)],
      next: "Check the network and the kubeconfig: kubectl get --raw /readyz",
    },
    { cause },
  );
}

/** Plain text of a connection error: Node's code and message, no address details beyond it. */
export function connectionProblem(cause: unknown): string {
  const code = codeOf(cause);
  const message = messageOf(cause) || "connection failed";
  return code === "" || message.includes(code) ? message : `${code}: ${message}`;
}

/** Node's error code (`ECONNREFUSED`, ...) of an error or of the first error inside an AggregateError. */
export function codeOf(error: unknown): string {
  if (error === null || typeof error !== "object") return "";
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return codeOf(cause);
}
