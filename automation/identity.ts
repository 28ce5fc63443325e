import { hostname } from "node:os";

export { whoAmI } from "../clients/identity.ts";

/** The person and process behind an entry, for people: `anna@host pid 12`. */
export function operatorName(): string {
  return `${process.env["USER"] ?? process.env["LOGNAME"] ?? "unknown"}@${hostname()} pid ${process.pid}`;
}
