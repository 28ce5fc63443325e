import type { Client } from "pg";
import { inTransaction } from "../database/connection.ts";

/** Prefix of the views that Data Export reads. */
export const exportPrefix = "export_";

/**
 * Freezes the present columns of every fact into a view `export_<fact>` (facts/domain.md B5); returns the views' names.
 * All or nothing. Existing views keep their grants unless a column is gone.
 */
export async function makeExportViews(client: Client): Promise<string[]> {
  const facts = await client.query<{ name: string; columns: string }>(
    `select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
        and c.relname ~ '_fact$' and c.relname !~ '^(export|cust)_'
      group by c.relname order by c.relname`,
  );
  return inTransaction(client, async () => {
    const made: string[] = [];
    for (const { name, columns } of facts.rows) {
      const view = `${exportPrefix}${name}`;
      const definition = `view ${view} as select ${columns} from ${name}`;
      await client.query("savepoint export_view");
      try {
        await client.query(`create or replace ${definition}`);
      } catch {
        // Columns were removed or moved: only a new view can show that.
        await client.query("rollback to savepoint export_view");
        await client.query(`drop view ${view}`);
        await client.query(`create ${definition}`);
      }
      made.push(view);
    }
    return made;
  });
}
