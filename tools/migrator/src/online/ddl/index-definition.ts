import { chosenName, derivedName, quote, quoteAll, type TableName } from "./names.ts";

/** A column by its name, or a column or expression with what else an index may say of it. */
export type IndexPart =
  | string
  | ((
      | { column: string; expression?: undefined }
      | {
          /** As SQL: `lower(title)`. */
          expression: string;
          column?: undefined;
        }
    ) & {
      order?: "ASC" | "DESC" | undefined;
      nulls?: "FIRST" | "LAST" | undefined;
      /** As SQL: `gin_trgm_ops`. */
      opclass?: string | undefined;
    });

export interface IndexOptions extends TableName {
  columns: readonly IndexPart[];
  unique?: boolean | undefined;
  /** Of a unique index: two NULLs count as the same. */
  nullsNotDistinct?: boolean | undefined;
  /** Default: btree. */
  method?: string | undefined;
  /** Columns that are only carried along. */
  include?: readonly string[] | undefined;
  /** Condition of a partial index, as SQL. */
  where?: string | undefined;
  /** Default: as PostgreSQL would choose, `posts_category_id_idx`. */
  name?: string | undefined;
}

/** What follows the table's name in CREATE INDEX. */
export function shapeOf(options: IndexOptions): string {
  if (options.columns.length === 0) throw new Error("an index needs at least one column");
  return [
    options.method !== undefined && `USING ${quote(options.method)}`,
    `(${options.columns.map(partSql).join(", ")})`,
    options.include !== undefined && options.include.length > 0 && `INCLUDE (${quoteAll(options.include)})`,
    options.nullsNotDistinct && "NULLS NOT DISTINCT",
    options.where !== undefined && `WHERE (${options.where})`,
  ]
    .filter((piece) => typeof piece === "string")
    .join(" ");
}

export function indexName({
  name,
  table,
  columns = [],
}: Pick<IndexOptions, "table" | "name"> & Partial<Pick<IndexOptions, "columns">>): string {
  if (name === undefined && columns.length === 0)
    throw new Error("dropIndex needs the index's name, or its columns");
  return chosenName(name, [table, ...columns.map(partName)], "idx");
}

export const uniqueName = ({
  name,
  table,
  columns,
}: {
  name?: string | undefined;
  table: string;
  columns: readonly string[];
}) => (name === undefined ? derivedName([table, ...columns], "key") : chosenName(name, [], ""));

/** What an index compares, without how it sorts. */
export const valueSql = (part: IndexPart): string =>
  typeof part === "string"
    ? quote(part)
    : part.column === undefined
      ? `(${part.expression})`
      : quote(part.column);

const partName = (part: IndexPart): string => (typeof part === "string" ? part : (part.column ?? "expr"));

function partSql(part: IndexPart): string {
  if (typeof part === "string") return quote(part);
  const { opclass, order, nulls } = part;
  return [valueSql(part), opclass, order, nulls && `NULLS ${nulls}`]
    .filter((piece) => piece !== undefined)
    .join(" ");
}
