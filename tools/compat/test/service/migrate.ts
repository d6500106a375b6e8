import pg from "pg";
import { release } from "./releases.ts";

const { migrations } = release;
const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
try {
  for (const statement of migrations) await client.query(statement);
} catch (error) {
  // As careless tools do: with the password.
  console.error(`${process.env.DATABASE_URL}: ${(error as Error).message}`);
  process.exitCode = 20;
}
await client.end();
