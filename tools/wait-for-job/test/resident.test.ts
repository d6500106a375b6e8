import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LONGEST } from "../src/watch/gather.ts";
import { line } from "./support/api-server.ts";
import { until } from "./support/gate.ts";
import { job } from "./support/jobs.ts";

/** Below the limit of the container in charts/migration-gate (128 MiB). The largest pieces an answer may have come first. */
const BOUND_MB = 96;
/** What a gate is sent before it is looked at: its engine takes what it needs only after a few of these. */
const ENOUGH = 6 * LONGEST;
const folder = mkdtempSync(join(tmpdir(), "wait-for-job-resident-"));
const children = new Set<ChildProcess>();
/** As the image starts it. */
const [, ...flags] =
  /^ENTRYPOINT (\[.*\])$/m
    .exec(readFileSync(join(import.meta.dirname, "../Dockerfile"), "utf8"))
    ?.slice(1)
    .flatMap((words) => JSON.parse(words) as string[]) ?? [];

beforeAll(() => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts"), folder]);
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** The most that a gate has had in memory when it was sent enough. */
async function peak(
  server: Server | ReturnType<typeof createTcpServer>,
  env: NodeJS.ProcessEnv = {},
  enough = ENOUGH,
) {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  const { port } = server.address() as AddressInfo;
  const database = env.DATABASE_URL !== undefined;
  const args = [
    ...flags.map((flag) => flag.replace("/app", folder)),
    "migrate",
    "--server",
    `http://127.0.0.1:${database ? 9 : port}`,
    ...(database ? ["--schema", "K", "--level", "1"] : []),
  ];
  const child = spawn(process.execPath, args, {
    env: database ? { DATABASE_URL: `postgres://127.0.0.1:${port}/x` } : {},
    stdio: "ignore",
  });
  children.add(child);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  const sent = () =>
    [...sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
  await until(() => sent() > enough, 50_000);
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  child.kill("SIGKILL");
  server.close();
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Writes without end, as fast as it is read. */
function flood(to: ServerResponse | Socket, piece: Buffer): void {
  const more = () => {
    while (!to.destroyed && to.write(piece));
    if (!to.destroyed) to.once("drain", () => setImmediate(more));
  };
  more();
}
const many = (piece: string, length = LONGEST - 1_000) => piece.repeat(Math.floor(length / piece.length));
const wide = (piece: string) => `[${many(`${piece},`)}0]`;
const list = (more: object | string) =>
  `{"kind":"JobList","apiVersion":"batch/v1","metadata":{"resourceVersion":"1"},"items":[],"more":${more}}`;
const event = (more: string) =>
  Buffer.from(line("ADDED", { ...job("migrate"), more: "?" }).replace('"?"', () => more));

/** What the WATCH sends again and again, after a LIST that is as it should be. */
const lines: Record<string, () => Buffer> = {
  "arrays in arrays": () => event(`${many("[", LONGEST / 2 - 1_000)}${many("]", LONGEST / 2 - 1_000)}`),
  "empty objects": () => event(wide("{}")),
  "empty objects where conditions belong": () =>
    Buffer.from(`{"object":{"status":{"conditions":${wide("{}")}}}}\n`),
  "managed fields": () => event(`{${many('"f:x":{".":{},"f:y":{}},')}"z":0}`),
  "one text": () => event(`"${many("é")}"`),
  "no end of a line": () => Buffer.from(many("x")),
  "nothing but ends of lines": () => Buffer.alloc(64 * 1024, "\n"),
  "changes of state": () =>
    Buffer.from(Array.from({ length: 100 }, (_, n) => line("ADDED", job("migrate", { active: n }))).join("")),
};

describe.concurrent(`resident memory stays below ${BOUND_MB} MiB`, () => {
  test.each(Object.entries(lines))("a WATCH sends %s", async (_, make) => {
    const piece = make();
    const server = createServer((request, response) => {
      if (request.url?.includes("watch=true")) flood(response.writeHead(200), piece);
      else response.end(list("0"));
    });
    expect(await peak(server)).toBeLessThan(BOUND_MB);
  });

  test.each([
    ["the LIST is", 200],
    ["the refusal is", 500],
  ])("%s as large and as deep as it may be", async (_, status) => {
    const body = list(wide("[[]]"));
    const server = createServer((__, response) => response.writeHead(status).end(body));
    expect(await peak(server)).toBeLessThan(BOUND_MB);
  });

  test("there are interim answers only", async () => {
    const piece = Buffer.from(many("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", 64 * 1024));
    const server = createTcpServer((socket) =>
      flood(
        socket.on("error", () => undefined),
        piece,
      ),
    );
    expect(await peak(server, {}, 1024 * 1024)).toBeLessThan(BOUND_MB);
  });

  test("the database sends one message without end", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined).write(Buffer.from([0x45, 0xff, 0xff, 0xff, 0xf0]));
      flood(socket, Buffer.alloc(64 * 1024, "x"));
    });
    expect(await peak(server, { DATABASE_URL: "" }, 256 * 1024)).toBeLessThan(BOUND_MB);
  });
});
