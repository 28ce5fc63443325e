import { CutoverError } from "../model/error.ts";
import { connectionProblem } from "./kubernetes-error.ts";

export interface HttpAnswer {
  status: number;
  /** At most `maxBodyBytes`; longer bodies are cut. */
  body: string;
}

export interface HttpOptions {
  /** For the whole answer; default 10 000. */
  timeoutMilliseconds?: number;
  signal?: AbortSignal;
  headers?: Readonly<Record<string, string>>;
  method?: "GET" | "POST";
  body?: string;
  maxBodyBytes?: number;
}

/** An address without user, password and query, fit for messages. */
export function publicAddress(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/**
 * One HTTP request; any status resolves. Redirects are not followed: a check that asks one address shall not judge another.
 * User and password in the address become a header.
 * @throws CutoverError CUT-4501 when there is no answer. An abort rejects with the signal's reason.
 */
export async function httpRequest(url: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  const { timeoutMilliseconds = 10_000, signal, method = "GET", body, maxBodyBytes = 1024 * 1024 } = options;
  const shown = publicAddress(url);
  if (!URL.canParse(url)) throw noAnswer(shown, new Error("the address is not a URL"));
  const target = new URL(url);
  const headers: Record<string, string> = { ...options.headers };
  if (target.username !== "") {
    const pair = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
    target.username = "";
    target.password = "";
  }
  const timeout = AbortSignal.timeout(timeoutMilliseconds);
  const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    const answer = await fetch(target, {
      method,
      headers,
      signal: stop,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: await readBody(answer, maxBodyBytes) };
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    const cause = timeout.aborted ? new Error(`no whole answer within ${timeoutMilliseconds} ms`) : fetchCause(error);
    throw noAnswer(shown, cause);
  }
}

async function readBody(answer: Response, limit: number): Promise<string> {
  if (answer.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString("utf8");
}

// fetch says only "fetch failed"; the reason is in its cause.
function fetchCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function noAnswer(shown: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-4501",
      verdict: "errored",
      happened: `${shown} gave no answer.`,
      evidence: [connectionProblem(cause)],
      next: "Check that the address is right and the service runs.",
    },
    { cause },
  );
}
