/** Info Mart schema versions with the GIM image that brings each of them, oldest first. */
export const schemaVersions: readonly { schema: string; image: string }[] = [
  { schema: "8.5.112", image: "100.0.112.3100" },
  { schema: "8.5.113", image: "100.0.113.3400" },
  { schema: "8.5.115", image: "100.0.115.3900" },
  { schema: "8.5.116", image: "100.0.116.4200" },
];

/** Orders dotted numbers. */
export function compareDotted(left: string, right: string): number {
  const a = left.split(".").map(Number);
  const b = right.split(".").map(Number);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The schema that an image brings: that of the newest known image that is not newer. */
export function schemaOfImage(tag: string): string {
  const known = schemaVersions.filter(({ image }) => compareDotted(image, tag) <= 0).at(-1) ?? schemaVersions[0];
  return known?.schema ?? "";
}

/** The versions that a database has to go through, one after the other. Empty when it is up to date or newer. */
export function pendingVersions(present: string, wanted: string): string[] {
  return schemaVersions
    .map(({ schema }) => schema)
    .filter((schema) => compareDotted(schema, present) > 0 && compareDotted(schema, wanted) <= 0);
}
