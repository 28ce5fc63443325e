// STAND-IN for SQL Server: its certificates: one that can be trusted by its CA file, and three that must not be.
import { createPrivateKey } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { makeCertificate, type Identity } from "./certificate.ts";

export type CertificateKind = "good" | "unknownAuthority" | "wrongName" | "expired";

export interface ServerCertificates {
  /** PEM file of the authority; stays the same over restarts in the same folder. */
  caFile: string;
  /** TLS 1.2, as TDS 7.4 clients use it. */
  context(kind: CertificateKind): SecureContext;
}

const day = 86_400_000;
const authorityName = "STAND-IN for SQL Server: certificate authority";

/** Makes or reads the authority in the folder, and makes the server's certificates. */
export function serverCertificates(folder: string): ServerCertificates {
  const authority = keptAuthority(folder);
  const contexts = new Map<CertificateKind, SecureContext>();
  return {
    caFile: path.join(folder, "ca.pem"),
    context: (kind) => {
      const known = contexts.get(kind);
      if (known !== undefined) return known;
      const made = contextOf(kind, authority);
      contexts.set(kind, made);
      return made;
    },
  };
}

function keptAuthority(folder: string): Identity {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = { key: path.join(folder, "ca-key.pem"), certificate: path.join(folder, "ca.pem") };
  if (existsSync(files.certificate)) {
    const certificate = readFileSync(files.certificate, "utf8");
    return { name: authorityName, key: createPrivateKey(readFileSync(files.key)), certificate };
  }
  const authority = makeAuthority(authorityName);
  writeFileSync(files.key, authority.key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(files.certificate, authority.certificate);
  return authority;
}

function makeAuthority(name: string): Identity {
  const now = Date.now();
  return makeCertificate({ name, hosts: [], validFrom: new Date(now - day), validTo: new Date(now + 3650 * day) });
}

function contextOf(kind: CertificateKind, authority: Identity): SecureContext {
  const now = Date.now();
  const issuer = kind === "unknownAuthority" ? makeAuthority("An authority that nobody knows") : authority;
  const { key, certificate } = makeCertificate({
    name: "STAND-IN for SQL Server",
    hosts: kind === "wrongName" ? ["another-server.invalid"] : ["localhost", "127.0.0.1"],
    validFrom: new Date(now - 30 * day),
    validTo: new Date(kind === "expired" ? now - day : now + 365 * day),
    issuer,
  });
  const pem = key.export({ type: "pkcs8", format: "pem" });
  return createSecureContext({ key: pem, cert: certificate, maxVersion: "TLSv1.2", minVersion: "TLSv1.2" });
}
