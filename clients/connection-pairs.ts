/** Keys in lower case without blanks; the last value of a key counts. */
export type ConnectionPairs = ReadonlyMap<string, string>;

/**
 * Splits `key=value;key="a;b"` by the grammar of .NET's DbConnectionStringBuilder: values may stand in ' or ", where that quote is
 * doubled; `==` in a key is one `=`. A problem names the place, and the key where it is one of `known`: another one may be a
 * piece of a password with a semicolon in it.
 */
export function parsePairs(text: string, known: ReadonlySet<string>): { pairs: ConnectionPairs } | { problem: string } {
  const pairs = new Map<string, string>();
  let position = 0;
  while (position < text.length) {
    const blank = /[\s;]*/y;
    blank.lastIndex = position;
    blank.exec(text);
    position = blank.lastIndex;
    if (position >= text.length) break;
    const key = /((?:[^=;]|==)+?)\s*=(?!=)\s*/y;
    key.lastIndex = position;
    const name = key.exec(text)?.[1];
    if (name === undefined) return { problem: `there is no key=value at character ${position + 1}` };
    position = key.lastIndex;
    const shown = name.replaceAll("==", "=").trim();
    const quote = text[position];
    if (quote === '"' || quote === "'") {
      const quoted = quote === '"' ? /"((?:[^"]|"")*)"\s*(?=;|$)/y : /'((?:[^']|'')*)'\s*(?=;|$)/y;
      quoted.lastIndex = position;
      const value = quoted.exec(text)?.[1];
      if (value === undefined) {
        const where = known.has(folded(shown)) ? shown : `the key before character ${position + 1}`;
        return { problem: `the value of ${where} begins with a quote that does not end before ; or the end` };
      }
      pairs.set(folded(shown), value.replaceAll(quote + quote, quote));
      position = quoted.lastIndex;
    } else {
      const end = text.indexOf(";", position);
      const value = text.slice(position, end === -1 ? text.length : end).trim();
      pairs.set(folded(shown), value);
      position = end === -1 ? text.length : end;
    }
  }
  return { pairs };
}

function folded(key: string): string {
  return key.toLowerCase().replaceAll(/\s/g, "");
}
