import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** Where Pulumi keeps the state: a folder that can be looked into, or a service that keeps its own locks. */
export type Backend = { kind: "file"; folder: string } | { kind: "other"; url: string };

/** Finds the backend as pulumi does: environment, project file, last login. */
export async function findBackend(root: string): Promise<Backend> {
  const url = process.env["PULUMI_BACKEND_URL"] || (await projectUrl(root)) || (await loginUrl());
  if (!url.startsWith("file://")) return { kind: "other", url: url.replace(/\/\/[^/@]*@/, "//") };
  return { kind: "file", folder: join(folderOf(url), ".pulumi") };
}

/** `file://~`, `file://~/x`, `file://./x` (from where pulumi is started) and `file:///x`. */
function folderOf(url: string): string {
  const rest = decodeURI(url.slice("file://".length).replace(/\?.*$/, ""));
  if (rest === "~" || rest.startsWith("~/")) return join(homedir(), rest.slice(1));
  return isAbsolute(rest) ? fileURLToPath(`file://${encodeURI(rest)}`) : resolve(rest);
}

async function projectUrl(root: string): Promise<string> {
  const project = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as { backend?: { url?: string } } | null;
  return project?.backend?.url ?? "";
}

async function loginUrl(): Promise<string> {
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const text = await readFile(join(home, "credentials.json"), "utf8").catch(() => "{}");
  return (JSON.parse(text) as { current?: string }).current ?? "https://api.pulumi.com";
}

/** Name of the project, part of a lock's path. */
export async function projectName(root: string): Promise<string> {
  return (parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as { name: string }).name;
}
