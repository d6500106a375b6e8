import { suite } from "#api-suite";
import { createClient } from "./client.ts";

/**
 * Runs one release's suite against the blog at BASE_URL, whichever release that is.
 * Exit code: 0 when all of it holds, 1 when something does not, 2 without a URL.
 */
async function main(base: string | undefined): Promise<number> {
  if (!base || !URL.canParse(base)) {
    process.stderr.write("Set BASE_URL to the blog to be tested, for example http://127.0.0.1:3000\n");
    return 2;
  }
  const client = createClient(base.replace(/\/$/, ""));
  let failed = 0;
  for (const { name, run } of suite) {
    try {
      await run(client);
    } catch (error) {
      failed++;
      process.stdout.write(`✗ ${name}\n  ${reason(error)}\n`);
    }
  }
  process.stdout.write(`${suite.length - failed} of ${suite.length} hold\n`);
  return failed === 0 ? 0 : 1;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What fetch says itself is only that it failed.
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return (error.message + cause).trim().split("\n").slice(0, 8).join("\n  ");
}

process.exitCode = await main(process.env.BASE_URL);
