import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

const cluster = z.strictObject({
  server: z.string(),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
  "disable-compression": z.boolean().optional(),
  extensions: z.unknown().optional(),
});
const user = z.strictObject({
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  extensions: z.unknown().optional(),
});
const file = z.looseObject({
  "current-context": z.string().optional(),
  contexts: z.array(
    z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: z.unknown() })),
  users: z.array(z.looseObject({ name: z.string(), user: z.unknown() })),
});

/** Everything needed to open a TLS connection to the API server. Certificates and keys are PEM bytes. */
export interface PlainConnection {
  server: string;
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized?: boolean; servername?: string };
  /** Reads the bearer token anew for each request, since token files rotate. */
  token: (() => string) | null;
}

/** The one file that KUBECONFIG or the home folder names; null when there is none or several. */
export function singleKubeconfigPath(): string | null {
  const named = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  if (named.length === 0) return join(homedir(), ".kube", "config");
  return named.length === 1 ? (named[0] ?? null) : null;
}

/**
 * Reads the ordinary kinds of kubeconfig (one file, certificates or a token). Null for everything else: plugins, auth providers,
 * proxies, impersonation, several files, in-cluster: these are left to the Kubernetes library. Measured: the library's KubeConfig alone
 * costs 100 ms at start (bundled), which a step of 120 ms cannot afford.
 */
export function readPlainKubeconfig(context: string | undefined): PlainConnection | null {
  const path = singleKubeconfigPath();
  if (path === null) return null;
  let parsed;
  try {
    parsed = file.safeParse(parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
  if (!parsed.success) return null;
  const { data } = parsed;
  const chosen = data.contexts.find((entry) => entry.name === (context ?? data["current-context"]))?.context;
  const clusterEntry = cluster.safeParse(data.clusters.find((entry) => entry.name === chosen?.cluster)?.cluster);
  const userEntry = user.safeParse(data.users.find((entry) => entry.name === chosen?.user)?.user ?? {});
  if (!clusterEntry.success || !userEntry.success) return null;
  return connectionOf(clusterEntry.data, userEntry.data, dirname(path));
}

function connectionOf(from: z.infer<typeof cluster>, by: z.infer<typeof user>, folder: string): PlainConnection | null {
  const absolute = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const bytes = (path: string | undefined, base64: string | undefined) =>
    path ? readFileSync(absolute(path)) : base64 ? Buffer.from(base64, "base64") : undefined;
  try {
    const ca = bytes(from["certificate-authority"], from["certificate-authority-data"]);
    const cert = bytes(by["client-certificate"], by["client-certificate-data"]);
    const key = bytes(by["client-key"], by["client-key-data"]);
    const { token, tokenFile } = by;
    return {
      server: from.server.replace(/\/$/, ""),
      tls: {
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(from["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
        ...(from["tls-server-name"] === undefined ? {} : { servername: from["tls-server-name"] }),
      },
      token: token ? () => token : tokenFile ? () => readFileSync(absolute(tokenFile), "utf8").trim() : null,
    };
  } catch {
    return null;
  }
}
