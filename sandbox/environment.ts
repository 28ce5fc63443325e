import { randomBytes } from "node:crypto";
import path from "node:path";
import { sandboxMarker } from "./process/registry.ts";
import { findOnPath } from "./toolchain/on-path.ts";

// Settings of the user's own tools must not reach a sandbox, and a sandbox must not reach the user's clusters.
const foreign = /^(PULUMI_|HELM_|KWOK_|KUBE|CUTOVER_|PG[A-Z]+$|ETCD_)/;

/** The caller's environment without what would leak in, marked as this sandbox's, with its own homes for all tools. */
export function sandboxEnvironment(
  directory: string,
  inherited: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(inherited))
    if (value !== undefined && !foreign.test(key)) kept[key] = value;
  const helm = (name: string): string => path.join(directory, "helm", name);
  return {
    ...kept,
    [sandboxMarker]: directory,
    KUBECONFIG: path.join(directory, "kubeconfig"),
    KUBECACHEDIR: path.join(directory, "kube-cache"),
    HELM_CACHE_HOME: helm("cache"),
    HELM_CONFIG_HOME: helm("config"),
    HELM_DATA_HOME: helm("data"),
    PULUMI_HOME: path.join(directory, "pulumi-home"),
    PULUMI_BACKEND_URL: `file://${path.join(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(12).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** PATH with folders first, and with the Node that runs us where PATH has another one. */
export function pathWith(folders: readonly string[], inherited: string): string {
  const ours = path.dirname(process.execPath);
  const needsOurs = findOnPath("node") !== process.execPath;
  return [...folders, ...(needsOurs ? [ours] : []), inherited].join(path.delimiter);
}
