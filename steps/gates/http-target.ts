import { httpRequest, publicAddress } from "../../clients/http.ts";
import { isApiError } from "../../clients/kubernetes-error.ts";
import { connectEndpoint } from "../../clients/service-endpoint.ts";
import { sendSingle } from "../../clients/single-request.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { RunningGate } from "./contract.ts";

/** Where a gate's HTTP question goes. */
export interface HttpTarget {
  url?: string | undefined;
  service?: string | undefined;
  port?: number | undefined;
  path?: string | undefined;
}

/** An answer, or why there is none yet; what cannot heal is thrown. */
export type TargetAnswer = { status: number; body: string } | { problem: string };

const timeoutMilliseconds = 5_000;

/** The address as people see it: no login in it. */
export function targetName({ url, service, port, path }: HttpTarget): string {
  return url === undefined ? `${service ?? ""}:${port ?? 80}${path ?? "/"}` : publicAddress(url);
}

/** Asks once: by the address, or over a port-forward to a Ready pod of the Service. */
export async function askTarget(target: HttpTarget, context: RunningGate): Promise<TargetAnswer> {
  const { url, service = "", port = 80, path = "/" } = target;
  const { signal, kubernetes } = context;
  if (url !== undefined) return httpRequest(url, { timeoutMilliseconds, signal });
  try {
    const { namespace } = context.service;
    const connection = await connectEndpoint(kubernetes, { namespace, service, port }, { signal });
    const result = await sendSingle(connection, { method: "GET", path, timeoutMilliseconds, signal });
    return result.outcome === "answered" ? result : { problem: result.problem };
  } catch (error) {
    if (signal.aborted || !comesUp(error)) throw error;
    return { problem: messageOf(error) };
  }
}

// No Ready pod, or one that does not listen yet. A missing Service or right is not waited for.
function comesUp(error: unknown): boolean {
  if (error instanceof CutoverError) return error.details.code === "CUT-5721";
  return isApiError(error) && error.status !== 401 && error.status !== 403;
}
