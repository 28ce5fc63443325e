// STAND-IN for SQL Server: the faults that are on.
import { z } from "zod";
import type { SqlServerFault } from "./contracts.ts";

const percent = z.number().min(0).max(100);
const during = z.enum(["BACKUP", "RESTORE"]).exactOptional();
const database = z.string().exactOptional();
const variants = ["standard", "express", "azure", "managedInstance", "rds", "cloudSql"] as const;

const faultSchema = z.discriminatedUnion("fault", [
  z.strictObject({ fault: z.literal("diskFull"), atPercent: percent, database }),
  z.strictObject({
    fault: z.literal("connectionLost"),
    atPercent: percent,
    then: z.enum(["finish", "stop"]),
    during,
    database,
  }),
  z.strictObject({ fault: z.literal("damagedPage"), database }),
  z.strictObject({ fault: z.literal("permissionMissing"), permission: z.string(), user: z.string().exactOptional() }),
  z.strictObject({ fault: z.literal("slow"), milliseconds: z.number().nonnegative(), during, database }),
  z.strictObject({ fault: z.literal("loginRefused"), user: z.string().exactOptional() }),
  z.strictObject({ fault: z.literal("down"), milliseconds: z.number().nonnegative() }),
  z.strictObject({ fault: z.literal("certificate"), kind: z.enum(["unknownAuthority", "wrongName", "expired"]) }),
  z.strictObject({ fault: z.literal("variant"), variant: z.enum(variants) }),
  z.strictObject({
    fault: z.literal("deadlock"),
    statementContains: z.string(),
    times: z.number().int().positive().exactOptional(),
  }),
  z.strictObject({ fault: z.literal("taskFails"), message: z.string() }),
  z.strictObject({ fault: z.literal("noEncryption") }),
]);

/** Faults from JSON text; throws when there is one that the stand-in does not know. */
export function parseFaults(text: string): SqlServerFault[] {
  return z.array(faultSchema).parse(JSON.parse(text));
}

type FaultOf<Name extends SqlServerFault["fault"]> = Extract<SqlServerFault, { fault: Name }>;

export class FaultBoard {
  private active: SqlServerFault[];
  /** How often a fault has struck, for those that strike a number of times. */
  private struck = new Map<SqlServerFault, number>();
  private readonly listeners = new Set<() => void>();

  constructor(faults: readonly SqlServerFault[]) {
    this.active = [...faults];
  }

  /** Replaces all faults. */
  set(faults: readonly SqlServerFault[]): void {
    this.active = faults.map((fault) => ({ ...fault }));
    this.struck = new Map();
    for (const listener of this.listeners) listener();
  }

  /** The first fault of a kind that fits. */
  find<Name extends SqlServerFault["fault"]>(
    name: Name,
    fits: (fault: FaultOf<Name>) => boolean = () => true,
  ): FaultOf<Name> | undefined {
    return this.active.find((fault): fault is FaultOf<Name> => fault.fault === name && fits(fault as FaultOf<Name>));
  }

  /** Like `find`, but a fault is found only so many times. */
  strike<Name extends SqlServerFault["fault"]>(
    name: Name,
    times: (fault: FaultOf<Name>) => number,
    fits: (fault: FaultOf<Name>) => boolean = () => true,
  ): FaultOf<Name> | undefined {
    const fault = this.find(name, (each) => fits(each) && (this.struck.get(each) ?? 0) < times(each));
    if (fault !== undefined) this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
    return fault;
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }
}
