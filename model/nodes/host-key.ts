import { createHash } from "node:crypto";
import { CutoverError } from "../error.ts";

/** The public key of a node's SSH server. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  type: string;
  /** RFC 4253, 6.6: the bytes that the server presents. */
  bytes: Buffer;
}

/** Reads `ssh-ed25519 AAAA... comment`. Throws CUT-4351 when the text holds no key, or one that says another type than it is. */
export function parseHostKey(text: string): HostKey {
  const [type = "", base64 = ""] = text.trim().split(/\s+/);
  const bytes = Buffer.from(base64, "base64");
  if (type !== "" && keyType(bytes) === type) return { type, bytes };
  throw new CutoverError({
    code: "CUT-4351",
    verdict: "errored",
    happened: "cutover:nodes[].hostKey is not a public key of an SSH server",
    evidence: [`it begins with "${text.slice(0, 30)}"; wanted: ssh-ed25519 AAAA...`],
    untouched: "No node was asked.",
    next: "Write the key that ssh-keyscan prints (without the address), after comparing its fingerprint on the node itself.",
    exitCode: 2,
  });
}

/** The type that the key's own bytes name; empty when they are none. */
export function keyType(bytes: Buffer): string {
  if (bytes.length < 8) return "";
  const length = bytes.readUInt32BE(0);
  return length > 64 || bytes.length < length + 8 ? "" : bytes.toString("latin1", 4, 4 + length);
}

/** As ssh-keygen -l prints it: `SHA256:` and base64 without padding. */
export function fingerprint(bytes: Buffer): string {
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/**
 * Signature algorithms to offer, best first: those of the pinned type before all others, so that a server with several keys presents the pinned
 * one; the others, so that a server without it still shows what it has. SHA-1 (`ssh-rsa`) is left out.
 */
export function offeredAlgorithms(type: string): string[] {
  const pinned = type === "ssh-rsa" ? rsa : [type];
  return [...new Set([...pinned, "ssh-ed25519", ...curves, ...rsa])];
}

const curves = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];
const rsa = ["rsa-sha2-512", "rsa-sha2-256"];
