const hidden = "[redacted]";
// Keys of ADO.NET, Npgsql, Redis, Azure and AMQP connection strings whose values are secrets.
const keys = "password|pwd|passphrase|accountkey|sharedaccesskey|accesskey|secretkey|token|activation ?key";
// An unquoted value ends at the semicolon, blanks and commas included: better too much hidden than too little.
const assignment = new RegExp(`\\b(${keys})(\\s*=\\s*)("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;\\r\\n]*)`, "gi");
const member = new RegExp(`"(${keys})"(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, "gi");
const userInfo = /\b([a-z][a-z0-9+.-]*:\/\/)[^/\s:@]+:[^/\s]+@/gi;

/**
 * Takes passwords and keys out of a text of someone else's, such as a connection string in an error message. For values that
 * nobody told us of: known ones are redacted wherever they stand.
 */
export function scrubConnectionText(text: string): string {
  return text
    .replace(member, (_whole, key: string, sign: string) => `"${key}"${sign}"${hidden}"`)
    .replace(assignment, (_whole, key: string, sign: string) => `${key}${sign}${hidden}`)
    .replace(userInfo, (_whole, scheme: string) => `${scheme}${hidden}@`);
}
