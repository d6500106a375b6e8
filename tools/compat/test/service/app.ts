import { createServer } from "node:http";
import pg from "pg";
import { name, release } from "./releases.ts";

const { column = "text", crashes, text } = release;
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  application_name: `notes@${name}`,
  statement_timeout: Number(process.env.STATEMENT_TIMEOUT_MS ?? 0),
});
const { rows } = await pool.query("SELECT to_regclass('narrowed') AS narrowed");
if (name === "one" && rows[0].narrowed) throw new Error("the database has moved on");
if (crashes) throw new Error(`cannot work with ${process.env.DATABASE_URL}`);

const server = createServer(async (request, response) => {
  try {
    if (request.url === "/health") return response.end("ok");
    if (request.method === "POST") {
      await pool.query(`INSERT INTO notes (${column}) VALUES ($1)`, [text ?? "short"]);
      return response.writeHead(201).end();
    }
    const { rows } = await pool.query(`SELECT ${column} AS text FROM notes`);
    if (name === "one" && rows.some((row) => row.text.length > 50)) throw new Error("a note too long for me");
    response.end(JSON.stringify(rows));
  } catch (error) {
    console.log(
      JSON.stringify({ level: 50, msg: "request failed", err: { message: (error as Error).message } }),
    );
    response.writeHead(500).end();
  }
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`pid ${process.pid}`));
process.on("SIGTERM", () => process.exit(0));
