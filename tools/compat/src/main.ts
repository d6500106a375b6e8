import { cli } from "./cli.ts";
import { exitCode } from "./failure.ts";

// A reader that has gone has seen enough, and what nobody caught is no answer: Node's own exit code for both is 1, red.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
process.on("uncaughtException", (error) => {
  console.error(`No answer: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = exitCode.noAnswer;
  process.stderr.write("", () => process.exit());
});

process.exitCode = await cli(process.argv);
