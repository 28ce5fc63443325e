import { CutoverError, messageOf } from "../model/error.ts";
import { fingerprint, keyType, type HostKey } from "../model/nodes/host-key.ts";
import { connectionProblem } from "./kubernetes-error.ts";
import type { SshTarget } from "./ssh-contract.ts";

type Place = Pick<SshTarget, "node" | "address" | "port" | "user">;

const whereOf = ({ node, address, port }: Place): string => `node ${node} (${address}:${port})`;

/** What a connection that never stood up means for a person. `presented`: the server's key, when it came so far. */
export function connectError(target: Place, cause: unknown, pinned: HostKey, presented: Buffer | null): CutoverError {
  if (presented !== null && !presented.equals(pinned.bytes)) return otherHostKey(target, pinned, presented);
  const level = cause instanceof Error && "level" in cause ? cause.level : "";
  if (level === "client-authentication") return loginRefused(target);
  const handshake = level === "handshake" || level === "protocol";
  return new CutoverError(
    {
      code: handshake ? "CUT-4359" : "CUT-4352",
      verdict: "errored",
      happened: handshake
        ? `${whereOf(target)} and we agree on no way to speak SSH`
        : `${whereOf(target)} cannot be reached`,
      evidence: [connectionProblem(cause)],
      untouched: "No command was run on it.",
      next: handshake
        ? "Update OpenSSH on the node, or look at its sshd log."
        : `Check address, port and firewall: ssh -p ${target.port} ${target.user}@${target.address}`,
    },
    { cause },
  );
}

function otherHostKey(target: Place, pinned: HostKey, presented: Buffer): CutoverError {
  return new CutoverError({
    code: "CUT-4353",
    verdict: "failed",
    happened: `${whereOf(target)} has another host key than the stack file says: it may not be that machine`,
    evidence: [
      `the stack file has ${pinned.type} ${fingerprint(pinned.bytes)}`,
      `the server has ${keyType(presented) || "an unknown type"} ${fingerprint(presented)}`,
    ],
    untouched: "Nobody was logged in and no command was run.",
    next: "On the node itself run ssh-keygen -lf on its ssh_host_*_key.pub; only if that is the server's fingerprint, correct cutover:nodes[].hostKey.",
  });
}

function loginRefused(target: Place): CutoverError {
  return new CutoverError({
    code: "CUT-4354",
    verdict: "errored",
    happened: `${whereOf(target)} does not let ${target.user} in with the key of the Secret`,
    untouched: "No command was run on it.",
    next: `Add the key's public half to ${target.user}'s authorized_keys (administrators of Windows: C:\\ProgramData\\ssh\\administrators_authorized_keys).`,
  });
}

/** CUT-4355. The parser's message names the problem and never quotes the key. */
export function unusableKey(node: string, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4355",
    verdict: "errored",
    happened: `the private key for node ${node} cannot be used`,
    evidence: [problem],
    untouched: "The node was not asked.",
    next: "Put a private key without a passphrase (PEM or OpenSSH) into the Secret: ssh-keygen -t ed25519 -N ''",
  });
}

/** CUT-4356. */
export function connectionLost(target: Place, argv: readonly string[], cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-4356",
      verdict: "errored",
      happened: `the connection to ${whereOf(target)} was lost`,
      evidence: [
        `while it ran: ${argv.join(" ")}`,
        ...(cause === null ? [] : [messageOf(cause)]),
        "not known: whether the command ended, and how",
      ],
      next: "Look at the node, then run the same command again.",
    },
    { cause },
  );
}

/** CUT-4357. */
export function tooSlow(target: Place, argv: readonly string[], how: string): CutoverError {
  return new CutoverError({
    code: "CUT-4357",
    verdict: "errored",
    happened: `a command on ${whereOf(target)} ${how} and was given up`,
    evidence: [`command: ${argv.join(" ")}`, "not known: whether it still runs on the node"],
    next: "Look at the node; allow it more time by timeoutSeconds of the release set's nodes, or repair the command.",
  });
}
