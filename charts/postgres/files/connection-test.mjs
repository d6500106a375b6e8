// Run by `helm test` inside the cluster: what answers on the Service speaks PostgreSQL. No login, no client library.
import { connect } from "node:net";

const [host] = process.argv.slice(1);
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const socket = connect(5432, host);
socket.setTimeout(5000, () => socket.destroy(new Error(`${host}:5432 gave no answer in 5 s`)));
socket.write(sslRequest);

let answer = "";
for await (const chunk of socket) {
  answer = chunk.toString();
  break;
}
// "S": TLS is offered, "N": it is not. Anything else, or nothing, is not PostgreSQL.
if (!["S", "N"].includes(answer)) throw new Error(`${host}:5432 does not speak PostgreSQL`);
console.log(`${host}:5432 speaks PostgreSQL`);
