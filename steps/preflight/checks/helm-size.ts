import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { PreflightService } from "../../../model/step-specs.ts";
import type { Check, PreflightContext } from "../contract.ts";
import { count, failed, passed } from "../outcome.ts";

// The API server's limit for the data of one Secret.
const largestBytes = 1024 * 1024;

/** Helm keeps a release in one Secret: chart, values and manifest together must fit (reliability-performance.md A4 25). */
export const helmSize: Check = {
  name: "helm-size",
  code: "CUT-3112",
  overridable: true,
  async run(context) {
    const services = await context.renderable();
    const sizes = await Promise.all(services.map((service) => sizeOf(context, service)));
    const largest = Math.max(0, ...sizes);
    const over = services.flatMap((service, index) => {
      const size = sizes[index] ?? 0;
      return size > largestBytes ? [`${service.name}: about ${size} bytes of at most ${largestBytes}`] : [];
    });
    if (over.length === 0)
      return passed(`${count(services.length, "release")}, the largest takes about ${largest} bytes`);
    return failed(
      "a Helm release would not fit into its Secret",
      over,
      "shorten the values, or split large files out of the chart into ConfigMaps of their own",
    );
  },
};

/** Bytes of the Secret's value: base64 over gzip over JSON, in which the chart's files are base64 again. */
async function sizeOf(context: PreflightContext, service: PreflightService): Promise<number> {
  const archive = await readFile(join(context.root, service.chart.path));
  const manifest = await context.render(service);
  const files = gunzipSync(archive).toString("base64");
  return Math.ceil(gzipSync(JSON.stringify({ files, manifest, config: service.values })).length / 3) * 4;
}
