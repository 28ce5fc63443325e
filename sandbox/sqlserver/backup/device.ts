// STAND-IN for SQL Server: backup devices. A URL is a file too, in a folder of its own: nothing leaves the machine.
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Server } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import { readMedia, type Damage, type ReadSet } from "./format.ts";

export interface Device {
  /** As the statement names it. */
  name: string;
  /** Where the bytes are. */
  file: string;
  url: boolean;
}

/** @throws SqlError 41901 for a disk on a Managed Instance, 50000 for another kind of device. */
export function deviceOf(kind: string, name: string, server: Server): Device {
  if (kind === "URL")
    return { name, file: path.join(server.folders.backup, `url-${encodeURIComponent(name)}`), url: true };
  if (kind !== "DISK") throw new SqlError(50000, `STAND-IN for SQL Server: device type ${kind} is not known here.`);
  if (server.variant() === "managedInstance") {
    throw new SqlError(
      41901,
      "One or more of the options (disk) are not supported for this statement in SQL Database Managed Instance. Review the documentation for supported options.",
    );
  }
  return { name, file: path.resolve(server.folders.backup, name), url: false };
}

/** Checks that a backup can be written there. @throws SqlError 3201, 3271. */
export function requireWritable(device: Device, format: boolean): void {
  if (device.url) {
    if (!existsSync(device.file) || format) return;
    const why = "The file exists on the remote endpoint, and WITH FORMAT was not specified. Backup cannot proceed.";
    throw new SqlError(3271, `A nonrecoverable I/O error occurred on file "${device.name}:" ${why}`);
  }
  const folder = path.dirname(device.file);
  if (!existsSync(folder)) throw cannotOpen(device, "3(The system cannot find the path specified.)");
  const target = existsSync(device.file) ? device.file : folder;
  if (target === device.file && statSync(target).isDirectory()) throw cannotOpen(device, "5(Access is denied.)");
  try {
    accessSync(target, constants.W_OK);
  } catch {
    throw cannotOpen(device, "5(Access is denied.)");
  }
}

function cannotOpen(device: Device, system: string): SqlError {
  return new SqlError(3201, `Cannot open backup device '${device.name}'. Operating system error ${system}.`, 16, {
    state: 1,
  });
}

/** All backup sets on a device. @throws SqlError 3201, 3203, 3241 or 3242. */
export function readDevice(device: Device): ReadSet[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(device.file);
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code !== "ENOENT";
    throw cannotOpen(device, denied ? "5(Access is denied.)" : "2(The system cannot find the file specified.)");
  }
  const { sets, damage } = readMedia(bytes);
  if (damage !== null) throw mediaError(device, damage);
  return sets;
}

function mediaError(device: Device, damage: Damage): SqlError {
  switch (damage) {
    case "not a backup":
      return new SqlError(
        3241,
        `The media family on device '${device.name}' is incorrectly formed. SQL Server cannot process this media family.`,
      );
    case "damaged header":
      return new SqlError(3242, `The file on device '${device.name}' is not a valid Microsoft Tape Format backup set.`);
    default:
      return setError(device, damage);
  }
}

/** The error that reading a damaged backup set gives. */
export function setError(device: Device, damage: Damage): SqlError {
  switch (damage) {
    case "end of file":
      return new SqlError(3203, `Read on "${device.name}" failed: 38(Reached the end of the file.)`);
    case "damaged page":
      return new SqlError(3189, "Damage to the backup set was detected.");
    default:
      return new SqlError(
        3270,
        "An internal consistency error has occurred. This error is similar to an assert. Contact technical support for assistance.",
      );
  }
}

/** The set at FILE = n, 1 without it. @throws SqlError 3287. */
export function setAt(sets: readonly ReadSet[], position: number, device: Device): ReadSet {
  const set = sets[position - 1];
  if (set !== undefined) return set;
  throw new SqlError(3287, `The file ID ${position} on device '${device.name}' is incorrect.`);
}
