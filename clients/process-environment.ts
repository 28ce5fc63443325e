const passed = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "KUBECONFIG",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
]);
const passedPrefixes = ["LC_", "XDG_"];

/**
 * The environment of a child process: an allow-list of the own one, the names listed in CUTOVER_PASS_ENVIRONMENT (comma separated, for the
 * user's own commands), and `added`. Never PULUMI_*: it holds the passphrase of the state.
 */
export function childEnvironment(
  added: Readonly<Record<string, string>> = {},
  own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const named = new Set((own["CUTOVER_PASS_ENVIRONMENT"] ?? "").split(",").map((name) => name.trim()));
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined || name.startsWith("PULUMI_")) continue;
    const listed = passed.has(name) || named.has(name) || passedPrefixes.some((prefix) => name.startsWith(prefix));
    if (listed) result[name] = value;
  }
  return { ...result, ...added };
}
