import { readFile } from "node:fs/promises";
import { stringify } from "yaml";

/**
 * Text of the configuration of one cluster: everything on loopback, client limits off, kubectl of the toolchain (kwokctl
 * would fetch one), the kinds by which simulators answer `kubectl exec`, `kubectl logs` and port-forward, and the stages of stages.yaml.
 */
export async function kwokConfiguration(kubectl: string, etcdPeerPort: number): Promise<string> {
  const settings = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      bindAddress: "127.0.0.1",
      kubectlBinary: kubectl,
      disableQPSLimits: true,
      etcdPeerPort,
      enableCRDs: ["Exec", "ClusterExec", "Logs", "ClusterLogs", "PortForward", "ClusterPortForward"],
    },
  };
  const stages = await readFile(new URL("stages.yaml", import.meta.url), "utf8");
  return `${stringify(settings)}---\n${stages}`;
}
