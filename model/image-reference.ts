/** An image name in its parts; tag and digest are "" when not given. */
export interface ImageReference {
  /** With registry; `docker.io/library/` is left out, since container runtimes add it. */
  repository: string;
  tag: string;
  digest: string;
}

/** Parses `[registry[:port]/]path[:tag][@digest]`. */
export function parseImage(image: string): ImageReference {
  const [named = "", digest = ""] = image.split("@", 2);
  const slash = named.lastIndexOf("/");
  const colon = named.indexOf(":", slash + 1);
  const repository = colon < 0 ? named : named.slice(0, colon);
  return {
    repository: repository.replace(/^docker\.io\/(library\/)?/, ""),
    tag: colon < 0 ? "" : named.slice(colon + 1),
    digest,
  };
}
