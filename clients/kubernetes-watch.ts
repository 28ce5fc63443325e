import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../model/error.ts";
import type { KubernetesObject } from "./contracts.ts";
import { ApiError, isApiError } from "./kubernetes-error.ts";
import { backoff } from "./kubernetes-retry.ts";

/** A list with the resource version it is true for. */
export interface Listed {
  items: KubernetesObject[];
  resourceVersion: string;
}

/** What the informer needs of the API: a full list, and an open watch from a resource version. */
export interface WatchSource {
  list(signal: AbortSignal): Promise<Listed>;
  open(resourceVersion: string, signal: AbortSignal): Promise<IncomingMessage>;
}

type WatchEvent = { type: string; object: KubernetesObject & { code?: number; reason?: string; message?: string } };

/**
 * Lists, then follows the changes. After a cut it continues from the last resource version it has seen, so no event is missed; when the
 * server has forgotten that version (410) it lists anew, which replaces the whole set. Ends when `signal` aborts.
 * Rejects on 401, 403, 404 and when `onChange` throws; everything else is tried again, at most 3 s later.
 */
export async function runInformer(
  source: WatchSource,
  onChange: (objects: readonly KubernetesObject[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const objects = new Map<string, KubernetesObject>();
  let version: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (version === null) {
        const listed = await source.list(signal);
        objects.clear();
        for (const item of listed.items) objects.set(keyOf(item), item);
        version = listed.resourceVersion;
        deliver(onChange, objects);
      }
      for await (const event of eventsOf(await source.open(version, signal))) {
        failures = 0;
        version = event.object.metadata.resourceVersion ?? version;
        if (apply(event, objects)) deliver(onChange, objects);
      }
      failures = 0;
    } catch (error) {
      if (error instanceof ConsumerError) throw error.cause;
      if (!signal.aborted && cannotHeal(error)) throw error;
      if (isExpired(error)) version = null;
      failures += 1;
    }
    // The pause keeps a server that closes every watch at once from being asked in a tight loop.
    const pause = failures === 0 ? 20 : Math.min(3_000, backoff(failures - 1));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** True when the set of objects changed. */
function apply({ type, object }: WatchEvent, objects: Map<string, KubernetesObject>): boolean {
  if (type === "BOOKMARK") return false;
  if (type === "DELETED") objects.delete(keyOf(object));
  else objects.set(keyOf(object), object);
  return true;
}

function cannotHeal(error: unknown): boolean {
  if (isApiError(error)) return [401, 403, 404].includes(error.status);
  return error instanceof CutoverError && error.details.code !== "CUT-4001";
}

function isExpired(error: unknown): boolean {
  return isApiError(error) && error.status === 410;
}

class ConsumerError extends Error {}

function deliver(
  onChange: (objects: readonly KubernetesObject[]) => void,
  objects: Map<string, KubernetesObject>,
): void {
  try {
    onChange([...objects.values()]);
  } catch (cause) {
    throw new ConsumerError("onChange", { cause });
  }
}

const keyOf = (object: KubernetesObject): string => `${object.metadata.namespace ?? ""}/${object.metadata.name}`;

async function* eventsOf(answer: IncomingMessage): AsyncGenerator<WatchEvent> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + decoder.write(chunk as Buffer)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.trim() === "") continue;
      const event = JSON.parse(line) as WatchEvent;
      if (event.type !== "ERROR") {
        yield event;
        continue;
      }
      const { code = 500, reason = "", message = "" } = event.object;
      throw new ApiError(code, reason, `watch: ${code} ${reason}: ${message}`);
    }
  }
}
