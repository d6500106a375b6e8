import { quote } from "../../src/online/ddl/names.ts";
import {
  addCheckConstraint,
  addColumnCopy,
  addForeignKey,
  addUniqueConstraint,
  createIndex,
  dropColumnCopy,
  dropForeignKey,
  dropIndex,
  dropNotNull,
  dropOldColumn,
  restoreOldColumn,
  setNotNull,
} from "../../src/online/index.ts";
import { groups, orders, type Scenario } from "./online.ts";

const table = orders;
const rename = { table, from: "select", to: 'the "new"' };
const key = { table, columns: ["Group"], onDelete: "SET NULL", onUpdate: "CASCADE" } as const;
const index = {
  table,
  columns: [{ expression: "lower(\"select\" || 'x')" }, { column: "Group", order: "DESC", nulls: "LAST" }],
  include: ["id"],
  where: 'id > 0 AND "The ""Order""".id < 1000',
  unique: true,
} as const;
const on = (s: string) => `${s}.${quote(table)}`;

/** Each helper with names that need quotes, as the author would call it. */
export const scenarios: Scenario[] = [
  {
    name: "addForeignKey",
    run: (runner, schema) =>
      addForeignKey(runner, { ...key, schema, references: { schema, table: groups, columns: ["id"] } }),
  },
  {
    name: "addForeignKey of one that is there, not valid",
    before: (s) => [
      `ALTER TABLE ${on(s)} ADD CONSTRAINT "k" FOREIGN KEY ("Group") REFERENCES ${s}."group" (id) NOT VALID`,
    ],
    run: (runner, schema) =>
      addForeignKey(runner, {
        schema,
        table,
        columns: ["Group"],
        references: { schema, table: groups, columns: ["id"] },
        name: "k",
      }),
  },
  {
    name: "dropForeignKey",
    before: (s) => [
      `ALTER TABLE ${on(s)} ADD CONSTRAINT "The ""Order""_Group_fkey" FOREIGN KEY ("Group") REFERENCES ${s}."group" (id)`,
    ],
    run: (runner, schema) => dropForeignKey(runner, { ...key, schema }),
  },
  { name: "setNotNull", run: (runner, schema) => setNotNull(runner, { schema, table, column: "Group" }) },
  { name: "dropNotNull", run: (runner, schema) => dropNotNull(runner, { schema, table, column: "select" }) },
  {
    name: "addCheckConstraint",
    run: (runner, schema) =>
      addCheckConstraint(runner, { schema, table, name: "Short", check: 'length("select")<200 and id>0' }),
  },
  { name: "createIndex", run: (runner, schema) => createIndex(runner, { ...index, schema }) },
  {
    name: "dropIndex",
    before: (s) => [`CREATE INDEX "gone" ON ${on(s)} ("Group")`],
    run: (runner, schema) => dropIndex(runner, { schema, table, name: "gone" }),
  },
  {
    name: "addUniqueConstraint",
    run: (runner, schema) =>
      addUniqueConstraint(runner, { schema, table, columns: ["select", "id"], nullsNotDistinct: true }),
  },
  { name: "addColumnCopy", run: (runner, schema) => addColumnCopy(runner, { ...rename, schema }) },
  {
    name: "dropColumnCopy",
    before: (s) => [`ALTER TABLE ${on(s)} ADD COLUMN "the ""new""" text`],
    run: (runner, schema) => dropColumnCopy(runner, { ...rename, schema }),
  },
  {
    name: "the whole rename",
    run: async (runner, schema) => {
      const [there] = await runner.query(
        "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'select'",
        [`${quote(schema)}.${quote(table)}`],
      );
      if (there !== undefined) {
        await addColumnCopy(runner, { ...rename, schema });
        await runner.query(
          `UPDATE ${on(quote(schema))} SET "the ""new""" = "select" WHERE "the ""new""" IS NULL`,
        );
        await setNotNull(runner, { schema, table, column: rename.to });
      }
      await dropOldColumn(runner, { ...rename, schema });
    },
  },
  {
    name: "restoreOldColumn",
    before: (s) => [`ALTER TABLE ${on(s)} RENAME COLUMN "select" TO "the ""new"""`],
    run: (runner, schema) => restoreOldColumn(runner, { ...rename, schema }),
  },
];
