import type { InventoryObject } from "../../model/inventory.ts";

const plain = { detail: "", relation: null, valid: true, create: [], settings: [] };

/** A table, view, sequence or foreign table. Table columns are no part of its definition: migrations add some. */
export function relationObject(row: {
  name: string;
  relkind: string;
  owner: string;
  tablespace: string;
  options: string;
  viewdef: string | null;
  partkey: string | null;
}): InventoryObject {
  const storage = [row.owner, row.tablespace, row.options].join(" | ");
  const view = `${row.owner}: ${row.viewdef ?? ""}`;
  switch (row.relkind) {
    case "v":
      return { ...plain, kind: "view", name: row.name, definition: view, create: viewStatements("VIEW", row) };
    case "m": {
      const create = viewStatements("MATERIALIZED VIEW", row);
      const settings = tablespaceSetting(row.tablespace);
      return { ...plain, kind: "materializedView", name: row.name, definition: view, create, settings };
    }
    case "S":
      return { ...plain, kind: "sequence", name: row.name, definition: row.owner };
    case "f":
      return { ...plain, kind: "foreignTable", name: row.name, definition: storage };
    default:
      return { ...plain, kind: "table", name: row.name, definition: `${storage} | ${row.partkey ?? ""}` };
  }
}

function viewStatements(
  what: string,
  row: { name: string; owner: string; options: string; viewdef: string | null },
): string[] {
  const options = row.options === "" ? "" : ` WITH (${row.options})`;
  // quote_ident made the name; the owner comes bare.
  const owner = `"${row.owner.replaceAll('"', '""')}"`;
  return [
    `CREATE ${what} ${row.name}${options} AS ${(row.viewdef ?? "").replace(/;\s*$/, "")}`,
    `ALTER ${what} ${row.name} OWNER TO ${owner}`,
  ];
}

/** An index that backs no constraint. Replayed without ONLY, else a partitioned one would stay invalid (facts/domain.md D3). */
export function indexObject(row: {
  name: string;
  relation: string;
  def: string;
  valid: boolean;
  tablespace: string;
  partitioned: boolean;
}): InventoryObject {
  const whole = row.partitioned ? row.def.replace(/ ON ONLY /, " ON ") : row.def;
  // Not supported on partitioned tables.
  const statement = row.partitioned ? whole : whole.replace(/^CREATE (UNIQUE )?INDEX /, "CREATE $1INDEX CONCURRENTLY ");
  return {
    kind: "index",
    name: row.name,
    detail: "",
    relation: row.relation,
    definition: `${row.def}${row.tablespace === "" ? "" : ` TABLESPACE ${row.tablespace}`}`,
    valid: row.valid,
    create: [statement],
    settings: tablespaceSetting(row.tablespace),
  };
}

function tablespaceSetting(tablespace: string): string[] {
  return tablespace === ""
    ? []
    : [`SET default_tablespace = '"${tablespace.replaceAll('"', '""').replaceAll("'", "''")}"'`];
}

export function constraintObject(row: {
  relation: string;
  name: string;
  def: string;
  valid: boolean;
}): InventoryObject {
  const { relation, def } = row;
  return { ...plain, kind: "constraint", name: `${relation}.${row.name}`, relation, definition: def, valid: row.valid };
}

export function triggerObject(row: { relation: string; name: string; def: string; enabled: string }): InventoryObject {
  const verbs: { [enabled: string]: string } = { D: "DISABLE", R: "ENABLE REPLICA", A: "ENABLE ALWAYS" };
  const verb = verbs[row.enabled];
  return {
    kind: "trigger",
    name: `${row.relation}.${row.name}`,
    detail: "",
    relation: row.relation,
    definition: `${row.def} ${row.enabled}`,
    valid: true,
    create: [row.def, ...(verb === undefined ? [] : [`ALTER TABLE ${row.relation} ${verb} TRIGGER ${row.name}`])],
    settings: [],
  };
}

/** One privilege of one grantee on one object or column. All names come quoted from the server. */
export function grantObject(row: {
  on_kind: string;
  name: string;
  column: string;
  grantee: string;
  privilege: string;
  grantable: boolean;
}): InventoryObject {
  const columns = row.column === "" ? "" : ` (${row.column})`;
  const option = row.grantable ? " WITH GRANT OPTION" : "";
  const onRelation = row.on_kind === "TABLE" || row.on_kind === "SEQUENCE";
  return {
    kind: "grant",
    name: row.name,
    detail: `${row.privilege}${columns} to ${row.grantee}`,
    relation: onRelation ? row.name : null,
    definition: `${row.privilege}${option}`,
    valid: true,
    create: [`GRANT ${row.privilege}${columns} ON ${row.on_kind} ${row.name} TO ${row.grantee}${option}`],
    settings: [],
  };
}
