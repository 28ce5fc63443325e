/**
 * Why an address of a Git repository cannot be used in a release set; null: it can. Credentials belong into Git's own configuration
 * (credential helper, SSH agent): here they would stand in files, arguments and process lists. The text never repeats the address.
 */
export function gitUrlProblem(url: string): string | null {
  if (/^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!\/\/)\S+$/.test(url)) return null;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return "the git url is neither an address (https, ssh, file) nor host:path";
  }
  if (!["https:", "http:", "ssh:", "file:"].includes(parsed.protocol))
    return `the git url's protocol ${parsed.protocol} is not allowed; use https, ssh or file`;
  if (parsed.password !== "" || (parsed.username !== "" && parsed.protocol !== "ssh:"))
    return "the git url contains credentials; take them out and use Git's credential helper or an SSH key";
  if (parsed.search !== "" || parsed.hash !== "") return "the git url must not have a query or a fragment";
  return null;
}
