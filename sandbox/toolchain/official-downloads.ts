import type { ToolName } from "./tools.ts";

/** One file to fetch. */
export interface DownloadFile {
  url: string;
  /** Where the project publishes its sha256; absent where it publishes none. */
  checksumUrl?: string;
  /** Name the checksum file lists; absent: the file holds one sum only. */
  checksumName?: string;
  /** `program`: the file is the program itself, stored under this name; `archive`: a .tar.gz with programs anywhere in it. */
  content: { program: string } | "archive";
}

/** What the project itself publishes for a machine. */
export interface Download {
  files: DownloadFile[];
  /** Address asked once per run whether it can be reached. */
  probe: string;
}

const github = "https://github.com";

/** Addresses of official releases; null where none exists for the platform. Node's names: `linux`, `darwin`; `x64`, `arm64`. */
export function officialDownload(
  name: ToolName,
  version: string,
  platform: NodeJS.Platform,
  architecture: string,
): Download | null {
  if ((platform !== "linux" && platform !== "darwin") || (architecture !== "x64" && architecture !== "arm64"))
    return null;
  const cpu = architecture === "x64" ? "amd64" : "arm64";
  const machine = `${platform}-${cpu}`;
  switch (name) {
    case "pulumi": {
      const file = `pulumi-${version}-${platform}-${architecture}.tar.gz`;
      const checksumUrl = `${github}/pulumi/pulumi/releases/download/${version}/pulumi-${version.slice(1)}-checksums.txt`;
      return archive("https://get.pulumi.com", `https://get.pulumi.com/releases/sdk/${file}`, checksumUrl, file);
    }
    case "kubernetes": {
      // Server programs are published for Linux only.
      if (platform !== "linux") return null;
      const programs = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];
      const base = `https://dl.k8s.io/${version}/bin/linux/${cpu}`;
      const files = programs.map((program) => ({
        url: `${base}/${program}`,
        checksumUrl: `${base}/${program}.sha256`,
        content: { program },
      }));
      return { probe: "https://dl.k8s.io", files };
    }
    case "helm": {
      const file = `helm-${version}-${machine}.tar.gz`;
      return archive(
        "https://get.helm.sh",
        `https://get.helm.sh/${file}`,
        `https://get.helm.sh/${file}.sha256sum`,
        file,
      );
    }
    case "etcd": {
      // For macOS etcd publishes a .zip only.
      if (platform !== "linux") return null;
      const base = `${github}/etcd-io/etcd/releases/download/${version}`;
      const file = `etcd-${version}-${machine}.tar.gz`;
      return archive(github, `${base}/${file}`, `${base}/SHA256SUMS`, file);
    }
    case "prometheus": {
      const base = `${github}/prometheus/prometheus/releases/download/v3.6.0`;
      const file = `prometheus-3.6.0.${machine}.tar.gz`;
      return archive(github, `${base}/${file}`, `${base}/sha256sums.txt`, file);
    }
    case "kwok": {
      const base = `${github}/kubernetes-sigs/kwok/releases/download/${version}`;
      const files = ["kwok", "kwokctl"].map((program) => ({
        url: `${base}/${program}-${machine}`,
        content: { program },
      }));
      return { probe: github, files };
    }
    case "language-nodejs":
      // Comes with the official Pulumi archive.
      return null;
    case "registry":
      // Only its sources are published.
      return null;
  }
}

function archive(probe: string, url: string, checksumUrl: string, checksumName: string): Download {
  return { probe, files: [{ url, checksumUrl, checksumName, content: "archive" }] };
}
