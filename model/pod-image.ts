import { at, listAt, textAt, type ClusterObject } from "./cluster-object.ts";
import { parseImage } from "./image-reference.ts";
import type { Trouble } from "./pod-trouble.ts";
import type { Json } from "./service.ts";

/**
 * Whether the declared tag is what runs. Charts also run other images (sidecars): those are left alone, but every container whose repository
 * carries the declared tag anywhere in the release must carry it everywhere, in the pods' specification and in what the kubelet reports.
 * A specification without the tag cannot heal: the chart was given it under a key that it does not read (facts/domain.md F 10).
 */
export function imageTroubles(
  tag: string | null,
  workloads: readonly ClusterObject[],
  pods: readonly ClusterObject[],
): Trouble[] {
  if (tag === null) return [];
  const templates = workloads.map((workload) => ({
    object: workload,
    images: containerImages(at(workload.spec, "template", "spec")),
  }));
  const running = pods.map((pod) => ({ object: pod, images: containerImages(pod.spec) }));
  const all = [...templates, ...running].flatMap((entry) => entry.images);
  if (all.length === 0) return [];
  const repositories = new Set(all.filter((image) => image.tag === tag).map((image) => image.repository));
  if (repositories.size === 0) {
    const seen = [...new Set(all.map((image) => image.text))].join(", ");
    const first = (templates[0] ?? running[0])?.object;
    return first === undefined
      ? []
      : [imageTrouble(first, true, `no container runs the declared tag ${tag}; they run ${seen}`)];
  }
  const troubles: Trouble[] = [];
  for (const { object, images } of [...templates, ...running]) {
    for (const image of images) {
      if (repositories.has(image.repository) && image.tag !== tag) {
        troubles.push(imageTrouble(object, object.kind !== "Pod", `runs ${image.text}, declared is the tag ${tag}`));
      }
    }
  }
  return [...troubles, ...pods.flatMap((pod) => reportedTroubles(pod, repositories, tag))];
}

// The kubelet's report may lag behind a restart, so it is waited for.
function reportedTroubles(pod: ClusterObject, repositories: ReadonlySet<string>, tag: string): Trouble[] {
  return listAt(pod.status, "containerStatuses").flatMap((status) => {
    const image = imageOf(status);
    const other = repositories.has(image.repository) && image.tag !== "" && image.tag !== tag;
    return other ? [imageTrouble(pod, false, `the node reports ${image.text}, declared is the tag ${tag}`)] : [];
  });
}

const imageOf = (container: Json) => ({ text: textAt(container, "image"), ...parseImage(textAt(container, "image")) });

function containerImages(podSpec: Json | undefined) {
  return [...listAt(podSpec, "initContainers"), ...listAt(podSpec, "containers")].map(imageOf);
}

function imageTrouble(object: ClusterObject, hopeless: boolean, message: string): Trouble {
  const name = `${object.kind} ${object.metadata.name}`;
  const pod = object.kind === "Pod" ? { pod: object.metadata.name } : {};
  return {
    hopeless,
    graceMilliseconds: 0,
    key: `${name}/WrongImage`,
    object: name,
    reason: "WrongImage",
    message,
    ...pod,
  };
}
