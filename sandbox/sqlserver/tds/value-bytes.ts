// STAND-IN for SQL Server: moments and GUIDs as bytes. A Date's UTC fields are the server's wall clock (sql/types.ts).

const millisecondsOfDay = 86_400_000;
const firstDay = -62_135_596_800_000; // 0001-01-01
const day1900 = -2_208_988_800_000; // 1900-01-01

/** Days since 0001-01-01 in 3 bytes, and the milliseconds within the day. */
export function dayAndTime(value: Date): { day: Buffer; milliseconds: number } {
  const days = Math.floor((value.getTime() - firstDay) / millisecondsOfDay);
  const day = Buffer.alloc(3);
  day.writeUIntLE(days, 0, 3);
  return { day, milliseconds: value.getTime() - firstDay - days * millisecondsOfDay };
}

/** The time of day of datetime2 in units of 10^-scale seconds. */
export function timeBytes(value: Date, scale: number): Buffer {
  const length = timeLength(scale);
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(Math.floor(dayAndTime(value).milliseconds * 10 ** (scale - 3)), 0, length);
  return bytes;
}

/** Bytes of a time of day with so many decimals. */
export function timeLength(scale: number): number {
  return scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
}

/** A Date from its day number and its time of day in units of 10^-scale seconds. */
export function dateOf(days: number, time: number, scale: number): Date {
  return new Date(firstDay + days * millisecondsOfDay + Math.floor(time / 10 ** (scale - 3)));
}

/** datetime: days since 1900 and 300ths of a second. */
export function threeHundredths(value: Date): Buffer {
  const days = Math.floor((value.getTime() - day1900) / millisecondsOfDay);
  const rest = value.getTime() - day1900 - days * millisecondsOfDay;
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(days, 0);
  bytes.writeInt32LE(Math.min(Math.round((rest * 3) / 10), 25_919_999), 4);
  return bytes;
}

export function dateOfThreeHundredths(days: number, ticks: number): Date {
  return new Date(day1900 + days * millisecondsOfDay + Math.round((ticks * 10) / 3));
}

/** The first three groups of a GUID are little-endian. */
export function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  return swapped(bytes);
}

export function guidText(bytes: Buffer): string {
  const hex = swapped(bytes).toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function swapped(bytes: Buffer): Buffer {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Buffer.from(order.map((from) => bytes[from] ?? 0));
}
