// STAND-IN for SQL Server: X.509 version 3 certificates (RFC 5280) with node:crypto's keys and signatures, without openssl.
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIPv4 } from "node:net";
import * as der from "./der.ts";

export interface Identity {
  /** Common name. */
  name: string;
  key: KeyObject;
  /** PEM. */
  certificate: string;
}

export interface CertificateRequest {
  name: string;
  /** Host names and IPv4 addresses; empty for an authority. */
  hosts: readonly string[];
  validFrom: Date;
  validTo: Date;
  /** Who signs; absent: the certificate signs itself and is an authority. */
  issuer?: Identity;
}

const ecdsaWithSha256 = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));

/** Makes a P-256 key and its certificate. */
export function makeCertificate(request: CertificateRequest): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = publicKey.export({ type: "spki", format: "der" });
  const authority = request.issuer === undefined;
  const body = der.sequence(
    der.tagged(0, true, der.integer(Buffer.from([2]))),
    der.integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    distinguishedName(request.issuer?.name ?? request.name),
    der.sequence(der.moment(request.validFrom), der.moment(request.validTo)),
    distinguishedName(request.name),
    subject,
    der.tagged(3, true, der.sequence(...extensions(subject, request.hosts, authority))),
  );
  const signature = sign("sha256", body, request.issuer?.key ?? privateKey);
  const whole = der.sequence(body, ecdsaWithSha256, der.bitString(signature));
  return { name: request.name, key: privateKey, certificate: pem("CERTIFICATE", whole) };
}

function distinguishedName(name: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier("2.5.4.3"), der.text(name))));
}

function extensions(subject: Buffer, hosts: readonly string[], authority: boolean): Buffer[] {
  const keyIdentifier = createHash("sha1").update(subject).digest();
  const list = [
    extension("2.5.29.19", true, der.sequence(...(authority ? [der.boolean(true)] : []))),
    extension("2.5.29.14", false, der.octetString(keyIdentifier)),
    // Bits from the left: digitalSignature 0x80, keyCertSign 0x04, cRLSign 0x02.
    extension(
      "2.5.29.15",
      true,
      authority ? der.bitString(Buffer.from([0x06]), 1) : der.bitString(Buffer.from([0x80]), 7),
    ),
  ];
  if (!authority) {
    list.push(extension("2.5.29.37", false, der.sequence(der.objectIdentifier("1.3.6.1.5.5.7.3.1"))));
    list.push(extension("2.5.29.17", false, der.sequence(...hosts.map(alternativeName))));
  }
  return list;
}

function alternativeName(host: string): Buffer {
  if (isIPv4(host)) return der.tagged(7, false, Buffer.from(host.split(".").map(Number)));
  return der.tagged(2, false, Buffer.from(host, "ascii"));
}

function extension(identifier: string, critical: boolean, value: Buffer): Buffer {
  const parts = [der.objectIdentifier(identifier), ...(critical ? [der.boolean(true)] : []), der.octetString(value)];
  return der.sequence(...parts);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
