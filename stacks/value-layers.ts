import * as z from "zod";
import { CutoverError } from "../model/error.ts";
import type { JsonObject } from "../model/layering.ts";
import { readYamlFile, validateYaml } from "./yaml-file.ts";

const valuesSchema = z.nullable(z.record(z.string(), z.json()));

/** Environment layer, then stack layer, of a role's Helm values. */
export type ValueLayers = (role: string) => JsonObject[];

/** Reads `values/<environment>/<role>.yaml` and `values/<stack>/<role>.yaml` of a platform, each once, where they exist. */
export function openValueLayers(root: string, platform: string, environment: string, stack: string): ValueLayers {
  const read = new Map<string, JsonObject[]>();
  return (role) => {
    const layers =
      read.get(role) ??
      [environment, stack].map((layer) => readValues(root, `stacks/${platform}/values/${layer}/${role}.yaml`, false));
    read.set(role, layers);
    return layers;
  };
}

/** Reads one file of Helm values. Throws CUT-2044 when it must exist and does not, or is no map of values. */
export function readValues(root: string, file: string, mustExist: boolean): JsonObject {
  const source = readYamlFile(root, file);
  if (source !== null) return validateYaml(source, valuesSchema, source.data, "CUT-2044") ?? {};
  if (!mustExist) return {};
  throw new CutoverError({
    code: "CUT-2044",
    verdict: "errored",
    happened: `the values file ${file} does not exist`,
    untouched: "nothing was touched",
    next: "add it, or take its line out of release.yaml",
    exitCode: 2,
  });
}
