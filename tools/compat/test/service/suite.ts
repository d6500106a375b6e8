import { setTimeout as sleep } from "node:timers/promises";

const url = `${process.env.BASE_URL}/notes`;
if (process.env.DATABASE_URL) throw new Error("a suite knows no database");
/** How long it takes to begin, and how long to ask then, as large suites do; for 0 it asks five times. */
const ms = Number(process.env.SUITE_MS ?? 0);
await sleep(ms);
const end = performance.now() + ms;
for (let n = 0; n < 5 || performance.now() < end; n++) {
  const written = await fetch(url, { method: "POST" });
  const read = await fetch(url);
  await sleep(ms / 40);
  if (written.status === 201 && read.status === 200) continue;
  console.log(`POST answered ${written.status}, GET ${read.status}`);
  process.exitCode = 1;
}
