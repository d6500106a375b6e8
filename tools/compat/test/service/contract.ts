import pg from "pg";
import { release } from "./releases.ts";

const { contract, waits = true } = release;
const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
const { rows } = await client.query("SELECT FROM pg_stat_activity WHERE application_name = 'notes@one'");
if (contract && ((waits && rows.length > 0) || waits === "for ever")) {
  console.error("notes@one is alive");
  process.exitCode = 22;
} else if (contract) {
  await client.query(contract);
  await client.query("CREATE TABLE narrowed ()");
}
await client.end();
