// Succeeds as soon as what answers on the Service speaks PostgreSQL: no login, no client library. The bootstrap Job
// waits with it for the database's start, `helm test` asks once. Arguments: host, seconds to keep trying.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [host, seconds] = process.argv.slice(1);
const end = Date.now() + Number(seconds) * 1000;
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

async function ask() {
  const socket = connect(5432, host);
  socket.setTimeout(5000, () => socket.destroy(new Error(`${host}:5432 gave no answer in 5 s`)));
  socket.write(sslRequest);
  for await (const answer of socket) {
    // "S": TLS is offered, "N": it is not. Anything else, or nothing, is not PostgreSQL.
    if (["S", "N"].includes(answer.toString())) return;
    break;
  }
  throw new Error(`${host}:5432 does not speak PostgreSQL`);
}

while (true) {
  try {
    await ask();
    break;
  } catch (error) {
    if (Date.now() >= end) throw error;
    await sleep(250);
  }
}
console.log(`${host}:5432 speaks PostgreSQL`);
