import type { ChartSource } from "../../model/release-set.ts";
import type { ResolvedService } from "../../model/service.ts";

/** Below it, relative to the project folder, lie the charts that are not archives of a release set. */
export const chartCache = ".cutover/charts";

/** True when the source is an archive in the release set's folder, which is used where it lies. */
export function isArchive(source: ChartSource): source is Extract<ChartSource, { path: string }> {
  return "path" in source && /\.(tgz|tar\.gz)$/.test(source.path);
}

/**
 * The archive that a release uses, relative to the project folder, so that the state fits every machine. `folder`: the release set's.
 * Fetched ones are kept by content: equal charts of two release sets have one path, and Pulumi sees no change between them.
 */
export function chartPlace(folder: string, source: ChartSource): ResolvedService["chart"] {
  const { version, sha256 } = source;
  const path = isArchive(source)
    ? `${folder}/${source.path}`
    : `${chartCache}/${sha256}/${nameOf(source)}-${version}.tgz`;
  return { path, version, sha256 };
}

// Known before anything is fetched: the name in Chart.yaml is not.
function nameOf(source: ChartSource): string {
  const from = "path" in source ? source.path : "oci" in source ? source.oci : source.git.url;
  const last = from.replace(/\/+$/, "").split(/[/:]/).at(-1) ?? "";
  return last.replace(/\.git$/, "").replace(/[^A-Za-z0-9._-]/g, "-") || "chart";
}

/** In words, for errors. */
export function sourceText(source: ChartSource): string {
  if ("path" in source) return source.path;
  if ("oci" in source) return `${source.oci} version ${source.version}`;
  return `${source.git.url}, commit ${source.git.commit}, folder ${source.git.folder}`;
}
