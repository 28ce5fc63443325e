/** A group of Prometheus' http_sd format. */
export interface TargetGroup {
  targets: string[];
  labels?: Record<string, string>;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?(\s+.+)$/;

/** Adds labels to every sample of a metrics text; labels that a sample has itself stay. Comments are dropped. */
export function withLabels(text: string, labels: Record<string, string>): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const match = sampleLine.exec(line);
    if (match === null) continue;
    const [, name = "", own = "", rest = ""] = match;
    const has = (label: string): boolean => new RegExp(`(^|,)\\s*${label}\\s*=`).test(own);
    const added = Object.entries(labels).flatMap(([label, value]) =>
      has(label) ? [] : `${label}=${JSON.stringify(value)}`,
    );
    lines.push(`${name}{${[...(own === "" ? [] : [own.replace(/,\s*$/, "")]), ...added].join(",")}}${rest}\n`);
  }
  return lines.join("");
}

/**
 * Metrics of all targets in one text. A target that does not answer within the time-out (milliseconds) is left out, so that
 * its series end, as they do when Prometheus cannot scrape it.
 */
export async function mergedMetrics(groups: readonly TargetGroup[], timeoutMilliseconds: number): Promise<string> {
  const texts = groups.flatMap(({ targets, labels = {} }) => {
    const visible = Object.fromEntries(Object.entries(labels).filter(([label]) => !label.startsWith("__")));
    const place = labels["__metrics_path__"] ?? "/metrics";
    return targets.map((target) =>
      scrape(`http://${target}${place}`, { ...visible, instance: target }, timeoutMilliseconds),
    );
  });
  return (await Promise.all(texts)).join("");
}

async function scrape(url: string, labels: Record<string, string>, timeoutMilliseconds: number): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    return answer.ok ? withLabels(await answer.text(), labels) : "";
  } catch {
    return "";
  }
}
