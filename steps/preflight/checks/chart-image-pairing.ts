import { imageTagOfChart } from "../../../model/version.ts";
import type { Check } from "../contract.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** Info Mart: chart `100.0.116+4200` belongs to image tag `100.0.116.4200` (facts/domain.md B1). */
export const chartImagePairing: Check = {
  name: "chart-image-pairing",
  code: "CUT-3113",
  overridable: true,
  run({ spec }) {
    const pairs = spec.services.flatMap((service) => {
      const wanted = imageTagOfChart(service.chart.version);
      return wanted === null || service.image === null ? [] : [{ service, wanted, tag: service.image.tag }];
    });
    const wrong = pairs.filter((pair) => pair.tag !== pair.wanted);
    if (pairs.length === 0) return Promise.resolve(skipped("no chart version carries a build number"));
    if (wrong.length === 0)
      return Promise.resolve(passed(`${count(pairs.length, "chart")} with the image tag of the same build`));
    return Promise.resolve(
      failed(
        "a chart and its image are of different builds",
        wrong.map(
          ({ service, wanted, tag }) =>
            `${service.name}: chart ${service.chart.version} belongs to ${wanted}, image tag is ${tag}`,
        ),
        "correct chart or image in a new release set; if the pair is really meant, override the check chart-image-pairing",
      ),
    );
  },
};
