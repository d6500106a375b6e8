const url = `${process.env.BASE_URL}/notes`;
if (process.env.DATABASE_URL) throw new Error("a suite knows no database");
for (let n = 0; n < 5; n++) {
  const written = await fetch(url, { method: "POST" });
  const read = await fetch(url);
  if (written.status === 201 && read.status === 200) continue;
  console.log(`POST answered ${written.status}, GET ${read.status}`);
  process.exitCode = 1;
}
