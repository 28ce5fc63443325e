/** Removes known secret values from texts before they leave the process. */
export interface Redactor {
  /** Also hides this value from now on. Values shorter than 4 characters are ignored: they would blank out ordinary words. */
  add(secret: string): void;
  redact(text: string): string;
  /** Replacements made so far. */
  count(): number;
}

const mask = "[redacted]";
const shortest = 4;

/** Makes a redactor that knows the values in plain, base64, URL-encoded, JSON-escaped and SQL-quoted form. */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const forms = new Set<string>();
  let pattern: RegExp | null = null;
  let replaced = 0;
  const add = (secret: string) => {
    if (secret.length < shortest) return;
    for (const form of formsOf(secret)) if (form.length >= shortest) forms.add(form);
    // Longest first, so that no form hides only a part of a longer one.
    const sources = [...forms].sort((a, b) => b.length - a.length).map(escapeForPattern);
    pattern = new RegExp(sources.join("|"), "g");
  };
  for (const secret of secrets) add(secret);
  return {
    add,
    redact(text) {
      if (pattern === null) return text;
      return text.replace(pattern, () => {
        replaced += 1;
        return mask;
      });
    },
    count: () => replaced,
  };
}

/** All texts in which a secret shows. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const percent = encodeURIComponent(secret);
  // URLSearchParams quotes more characters than encodeURIComponent and writes a blank as "+".
  const form = new URLSearchParams({ v: secret }).toString().slice(2);
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = [0, 1, 2].flatMap((offset) => base64Inside(bytes, offset));
  return [
    secret,
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    form,
    json,
    JSON.stringify(json).slice(1, -1),
    secret.replaceAll("'", "''"),
    bytes.toString("hex"),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The characters of base64 that depend on the secret alone when `offset` (mod 3) bytes stand before it in a longer text. */
function base64Inside(bytes: Buffer, offset: number): string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const from = offset === 0 ? 0 : offset + 1;
  const to = (offset + bytes.length) % 3 === 0 ? text.length : text.length - 1;
  const inner = text.slice(from, to);
  // Short inner parts would match by chance.
  return [...(inner.length >= 8 ? [inner] : []), ...(offset === 0 ? [bytes.toString("base64"), text] : [])];
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
