/** A statement for PostgreSQL with its values in the order of `$1`, `$2`, ... */
export interface PositionalStatement {
  sql: string;
  names: string[];
}

// Whatever may hold an @ that is no parameter, then the parameter itself; operators such as @> and @@ are no names.
const pieces =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|@@?([A-Za-z_]\w*)/g;

/**
 * Turns the parameters `@name` of a statement into `$n`. Strings, quoted names, comments and dollar-quoted texts stay as they are;
 * a name that is not known stays too, so that PostgreSQL itself says what is wrong.
 */
export function toPositional(sql: string, known: readonly string[]): PositionalStatement {
  const names: string[] = [];
  const text = sql.replace(pieces, (piece: string, _tag: string | undefined, name: string | undefined) => {
    if (name === undefined || piece.startsWith("@@") || !known.includes(name)) return piece;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { sql: text, names };
}
