// Says that we are away. Each answer ends its connection, or clients would keep one to this page after the blog is back.
const { createServer } = require("node:http");

const page = "<!doctype html><title>Back soon</title><h1>Back soon</h1><p>The blog is being upgraded.</p>";
const server = createServer(({ url }, answer) => {
  const probe = url === "/holding-page";
  answer.writeHead(probe ? 200 : 503, {
    "content-type": "text/html; charset=utf-8",
    "retry-after": "10",
    connection: "close",
  });
  answer.end(page);
});
server.listen(3000);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
