import { randomBytes } from "node:crypto";
import type pg from "pg";
import { inject, onTestFinished } from "vitest";
import { connect, secret, until, urlOf } from "../support/database.ts";

export interface Template {
  /** A copy of the prepared database, owned by the same role. */
  copy(): Promise<Copy>;
}

export interface Copy {
  url: string;
  /** Waits until no migrator has a session in it any more. */
  quiet(): Promise<void>;
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Prepares a database once, and copies it as often as needed: cheaper than preparing it again. */
export async function template(prepare: (url: string) => Promise<void>): Promise<Template> {
  const role = `t_${randomBytes(6).toString("hex")}`;
  const admin = await connect(inject("adminUrl"));
  onTestFinished(() => admin.end());
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${secret}'`);
  await admin.query(`GRANT pg_read_all_stats TO ${role}`);
  await admin.query(`CREATE DATABASE ${role} OWNER ${role}`);
  await prepare(urlOf(role, role, secret));
  await idle(admin, role);
  let copies = 0;
  return {
    async copy() {
      const name = `${role}_${++copies}`;
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${role} OWNER ${role} STRATEGY file_copy`);
      const url = urlOf(name, role, secret);
      return {
        url,
        quiet: () => idle(admin, name),
        async query(text, values) {
          const client = await connect(url);
          try {
            return (await client.query(text, values)).rows;
          } finally {
            await client.end();
          }
        },
        drop: async () => void (await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)),
      };
    },
  };
}

const idle = (admin: pg.Client, name: string) =>
  until(`the end of all sessions in ${name}`, async () => {
    const { rowCount } = await admin.query("SELECT 1 FROM pg_stat_activity WHERE datname = $1", [name]);
    return rowCount === 0;
  }).then(() => {});
