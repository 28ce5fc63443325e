import { gunzipSync, gzipSync } from "node:zlib";
import type { Json } from "../model/service.ts";
import type { HelmRevision, KubernetesObject } from "./contracts.ts";

interface Stored {
  name: string;
  namespace: string;
  version: number;
  info?: { status?: string; description?: string; last_deployed?: string };
  chart?: { metadata?: { name?: string; version?: string } };
  config?: { [key: string]: Json } | null;
  manifest?: string;
}

/** The JSON text that Helm stored in a release Secret: base64 of Kubernetes, base64 of Helm, gzip. */
export function decodeRecord(secret: KubernetesObject): string {
  const inner = Buffer.from(secret.data?.["release"] ?? "", "base64").toString("latin1");
  const bytes = Buffer.from(inner, "base64");
  // Helm 3 also reads records that are not compressed.
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (compressed ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** The value of `data.release` for this JSON text. */
export function encodeRecord(text: string): string {
  return Buffer.from(gzipSync(text).toString("base64")).toString("base64");
}

/** A revision from its Secret; the label's status is the one that Helm itself goes by when it looks for the last revision. */
export function revisionOf(secret: KubernetesObject): HelmRevision {
  const stored = JSON.parse(decodeRecord(secret)) as Stored;
  const { info = {}, chart: { metadata = {} } = {} } = stored;
  return {
    name: stored.name,
    namespace: stored.namespace,
    revision: stored.version,
    status: info.status ?? secret.metadata.labels?.["status"] ?? "unknown",
    description: info.description ?? "",
    chartName: metadata.name ?? "",
    chartVersion: metadata.version ?? "",
    values: stored.config ?? {},
    manifest: stored.manifest ?? "",
    lastDeployed: info.last_deployed ?? "",
  };
}

// Proposal "JSON.parse source text access", in V8 since 11.4; TypeScript's library does not know it yet.
const rawJson = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON;
type Reviver = (this: unknown, key: string, value: unknown, context: { source: string }) => unknown;

/** The same record marked as failed. Numbers keep their digits: values may hold integers beyond 2^53. */
export function markFailed(text: string, description: string): string {
  const keepDigits: Reviver = (_key, value, context) => (typeof value === "number" ? rawJson(context.source) : value);
  const record = JSON.parse(text, keepDigits as (this: unknown, key: string, value: unknown) => unknown) as {
    info?: Record<string, unknown>;
  };
  return JSON.stringify({ ...record, info: { ...record.info, status: "failed", description } });
}
