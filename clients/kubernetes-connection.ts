import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type * as http from "node:http";
import * as https from "node:https";
import { CutoverError, messageOf } from "../model/error.ts";
import { readPlainKubeconfig, singleKubeconfigPath } from "./kubeconfig-file.ts";

/** How requests reach one API server. */
export interface ApiConnection {
  /** `https://host:port[/prefix]`, no credentials. */
  server: string;
  /** Options for node:http(s): agent, TLS material, authorization. Asked anew for each request, since tokens rotate. */
  requestOptions(): Promise<https.RequestOptions>;
  /** The library's KubeConfig, loaded only where its other parts need it (exec). */
  kubeConfig(): Promise<KubeConfig>;
}

// A free socket is dropped before the server's own idle time-out can close it under a write.
const agentOptions = { keepAlive: true, keepAliveMsecs: 15_000, timeout: 20_000 };

/**
 * node:http without `import`: that reads all its exports at once, also the lazy ones which load undici; measured, a fifth of a step's
 * start. Only API servers without TLS (kubectl proxy) need it.
 */
export function plainHttp(): typeof http {
  return process.getBuiltinModule("node:http");
}

/**
 * Resolves the kubeconfig's (or the named) context. Touches files only, not the network.
 * @throws CutoverError CUT-4002 when there is no usable kubeconfig or no such context.
 */
export async function loadConnection(context?: string): Promise<ApiConnection> {
  const plain = readPlainKubeconfig(context);
  if (plain === null) {
    const config = await loadKubeConfig(context, null);
    return libraryConnection(config, () => Promise.resolve(config));
  }
  // The same file later too, whatever KUBECONFIG says by then.
  const path = singleKubeconfigPath();
  const kubeConfig = () => loadKubeConfig(context, path);
  const agent = plain.server.startsWith("http:")
    ? new (plainHttp().Agent)(agentOptions)
    : new https.Agent({ ...agentOptions, ...plain.tls });
  const requestOptions = () => {
    const token = plain.token?.() ?? null;
    return Promise.resolve({ agent, ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }) });
  };
  return { server: plain.server, requestOptions, kubeConfig };
}

async function loadKubeConfig(context: string | undefined, path: string | null): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  try {
    if (path === null) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (cause) {
    throw noKubeconfig(messageOf(cause), [], cause);
  }
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  const names = config.getContexts().map((entry) => entry.name);
  if (cluster === null) throw noKubeconfig(`no context "${config.getCurrentContext()}" with a known cluster`, names);
  // The library's last resort when it found nothing: nobody means this server.
  if (config.getCurrentContext() === "loaded-context") throw noKubeconfig("no kubeconfig file was found", []);
  return config;
}

function noKubeconfig(problem: string, contexts: string[], cause?: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-4002",
      verdict: "errored",
      happened: "There is no usable kubeconfig.",
      evidence: [problem, ...(contexts.length === 0 ? [] : [`contexts there: ${contexts.join(", ")}`])],
      untouched: "Nothing was touched.",
      next: `Set KUBECONFIG, or cutover:cluster.context in the stack file (looked at ${singleKubeconfigPath() ?? "KUBECONFIG"}).`,
    },
    cause === undefined ? undefined : { cause },
  );
}

function libraryConnection(config: KubeConfig, kubeConfig: () => Promise<KubeConfig>): ApiConnection {
  const server = config.getCurrentCluster()?.server ?? "";
  const requestOptions = async (): Promise<https.RequestOptions> => {
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return options;
  };
  return { server, requestOptions, kubeConfig };
}
