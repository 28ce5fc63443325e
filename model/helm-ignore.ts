/** Says which paths of a chart's folder Helm leaves out when it packs the chart. `path`: relative, with forward slashes. */
export type HelmIgnore = (path: string, isFolder: boolean) => boolean;

interface Rule {
  pattern: RegExp;
  negated: boolean;
  onlyFolders: boolean;
  /** Compared with the whole path, not with its last part. */
  whole: boolean;
}

/**
 * Reads `.helmignore` (helm/pkg/ignore): one pattern a line, `#` comments, `!` negates, a slash at the end means folders, one elsewhere the
 * whole path; `**` is not supported there. Templates that begin with a dot or an underscore in `templates/` stay: Helm decides on them.
 */
export function readHelmIgnore(text: string): HelmIgnore {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap(parseRule);
  return (path, isFolder) => {
    if (path === "" || path === ".") return false;
    for (const rule of rules) {
      if (rule.onlyFolders && !isFolder) continue;
      const matches = rule.pattern.test(rule.whole ? path : (path.split("/").at(-1) ?? ""));
      if (rule.negated ? !matches : matches) return true;
    }
    return false;
  };
}

function parseRule(line: string): Rule[] {
  let rule = line.trim();
  if (rule === "" || rule.startsWith("#")) return [];
  const negated = rule.startsWith("!");
  if (negated) rule = rule.slice(1);
  const onlyFolders = rule.endsWith("/");
  if (onlyFolders) rule = rule.slice(0, -1);
  const whole = rule.includes("/");
  return [{ pattern: globPattern(rule.replace(/^\//, "")), negated, onlyFolders, whole }];
}

// As Go's filepath.Match: `*` and `?` stop at a slash.
function globPattern(glob: string): RegExp {
  const source = glob.replace(/\\.|\[\^?[^\]]+\]|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.length > 1) return part;
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
