import { officialDownload, type Download } from "./official-downloads.ts";

export const toolNames = [
  "pulumi",
  "language-nodejs",
  "kubernetes",
  "etcd",
  "kwok",
  "helm",
  "prometheus",
  "registry",
] as const;
export type ToolName = (typeof toolNames)[number];
/** What a sandbox is made of; the others are for single tests that ask for them. */
export const sandboxTools = toolNames.filter((name) => name !== "registry");

/** One program of a tool. */
export interface ToolBinary {
  name: string;
  /** Go package it is built from. */
  package: string;
  /** Seconds its build takes with cold caches on 2 cores. */
  buildSeconds: number;
  /** Arguments that print the version. */
  versionArguments: string[];
}

/** A tool: programs of one version that are found, fetched or built together. */
export interface Tool {
  name: ToolName;
  version: string;
  binaries: ToolBinary[];
  /** Linker flags that set the version. */
  linkerFlags: string;
  /** True when what the program prints is a version that serves us. */
  suits(output: string): boolean;
  /** Null: nothing official exists for this machine. */
  download(platform: NodeJS.Platform, architecture: string): Download | null;
}

const kubeVersion = "k8s.io/component-base/version";
const prints = (version: string) => (output: string) => new RegExp(`(^|[^0-9.])v?${version}($|[^0-9.])`).test(output);

function binary(name: string, goPackage: string, buildSeconds: number, ...versionArguments: string[]): ToolBinary {
  return {
    name,
    package: goPackage,
    buildSeconds,
    versionArguments: versionArguments.length > 0 ? versionArguments : ["--version"],
  };
}

function tool(
  name: ToolName,
  version: string,
  linkerFlags: string,
  binaries: ToolBinary[],
  suits = prints(version.slice(1)),
): Tool {
  return {
    name,
    version,
    linkerFlags,
    binaries,
    suits,
    download: (os, cpu) => officialDownload(name, version, os, cpu),
  };
}

/** True for Pulumi 3.x that is at least 3.259. */
function pulumiSuits(output: string): boolean {
  const match = /v?3\.(\d+)\.\d+/.exec(output);
  return match?.[1] !== undefined && Number(match[1]) >= 259;
}

/** Versions are pinned: facts in toolchain.md; each has a Go module in `go/<name>` with exactly this version. */
export const tools: readonly Tool[] = [
  tool(
    "pulumi",
    "v3.259.0",
    "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0 -X github.com/pulumi/pulumi/pkg/v3/version.Version=v3.259.0",
    [binary("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", 450, "version")],
    pulumiSuits,
  ),
  tool(
    "kubernetes",
    "v1.34.4",
    `-X ${kubeVersion}.gitVersion=v1.34.4 -X ${kubeVersion}.gitMajor=1 -X ${kubeVersion}.gitMinor=34`,
    [
      binary("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver", 300),
      binary("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager", 80),
      binary("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler", 10),
      binary("kubectl", "k8s.io/kubernetes/cmd/kubectl", 40, "version", "--client"),
    ],
  ),
  tool("language-nodejs", "v3.60.0", "", [
    binary("pulumi-language-nodejs", "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs", 30),
  ]),
  tool("kwok", "v0.8.0", "-X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0", [
    binary("kwok", "sigs.k8s.io/kwok/cmd/kwok", 50),
    binary("kwokctl", "sigs.k8s.io/kwok/cmd/kwokctl", 30),
  ]),
  tool("etcd", "v3.6.4", "", [binary("etcd", "go.etcd.io/etcd/server/v3", 20)]),
  tool("helm", "v3.20.2", "-X helm.sh/helm/v3/internal/version.version=v3.20.2", [
    binary("helm", "helm.sh/helm/v3/cmd/helm", 25, "version"),
  ]),
  tool(
    "prometheus",
    "v0.306.0",
    "-X github.com/prometheus/common/version.Version=3.6.0",
    [binary("prometheus", "github.com/prometheus/prometheus/cmd/prometheus", 120)],
    // The Go module v0.306.0 is what Prometheus releases as 3.6.0.
    prints("3\\.6\\.0"),
  ),
  tool(
    "registry",
    "v0.20.6",
    "",
    [binary("registry", "github.com/google/go-containerregistry/cmd/registry", 5, "--help")],
    // It knows no version; another program of this name (Docker's) prints other words.
    (output) => output.includes("port to run registry on"),
  ),
];

/** The tool of a name. */
export function toolOf(name: ToolName): Tool {
  const found = tools.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no tool ${name}`);
  return found;
}

/** Name of the tool's folder in the cache. */
export function cacheKey(wanted: Tool): string {
  return `${wanted.name}-${wanted.version}`;
}
