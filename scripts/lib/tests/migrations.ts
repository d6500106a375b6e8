import { join } from "node:path";
import { startPostgres } from "@schema-rollout/scratch-postgres";
import { root } from "../paths.ts";
import { sh } from "../shell.ts";
import type { Totals } from "./totals.ts";

interface Expectation {
  release: string;
  /** The release before it; none for the first one. */
  after?: string;
  /** The rule that must refuse it; none where it must be found safe. */
  refusedBy?: string;
}

const expectations: Expectation[] = [
  { release: "v1" },
  { release: "v2", after: "v1" },
  { release: "v3", after: "v2" },
  { release: "v4", after: "v3" },
  { release: "broken-rename", after: "v2", refusedBy: "rename" },
  { release: "broken-not-null", after: "v2", refusedBy: "contract-work" },
  { release: "broken-lock", after: "v2", refusedBy: "scan-under-lock" },
];

/** Lints the migrations of the blog's releases as a pull request would, and those that must not pass. */
export async function lintMigrations(): Promise<Totals> {
  await sh`turbo run build --filter=@schema-rollout/blog --output-logs=errors-only`;
  const server = await startPostgres({ settings: { fsync: "off" } });
  const totals = { passed: 0, failed: 0 };
  try {
    // Two at a time; each makes databases of its own.
    const inTurn = expectations.values();
    const lint = async () => {
      for (const expectation of inTurn) {
        const held = await holds(expectation, server.adminUrl);
        totals[held ? "passed" : "failed"]++;
      }
    };
    await Promise.all([lint(), lint()]);
  } finally {
    await server.stop();
  }
  return totals;
}

async function holds({ release, after, refusedBy }: Expectation, shadow: string): Promise<boolean> {
  const folder = (name: string) => `apps/blog/dist/${name}/migrations`;
  const base = after === undefined ? [] : ["--base", folder(after)];
  const sources = `apps/blog/migrations${refusedBy === undefined ? "" : "/controls"}`;
  const { exitCode, stdout, stderr } = await sh({
    nothrow: true,
    env: { ...process.env, SHADOW_DATABASE_URL: shadow },
  })`node ${join(root, "tools/migrator/bin/migrator.mjs")} lint --json --migrations ${folder(release)} ${base} --sources ${sources}`;
  const findings: { rule: string; accepted?: string; message: string }[] =
    JSON.parse(stdout || "{}").findings ?? [];
  const standing = findings.filter(({ accepted }) => accepted === undefined);
  const asWanted =
    refusedBy === undefined
      ? exitCode === 0 && standing.length === 0
      : exitCode === 20 && standing.some(({ rule }) => rule === refusedBy);
  const rules = standing.map(({ rule }) => rule).join(", ");
  console.log(
    `${asWanted ? "✓" : "✗"} ${release}: ${rules || `nothing unsafe, ${findings.length} accepted`} (exit ${exitCode})`,
  );
  if (!asWanted) console.error(standing.map(({ message }) => message).join("\n") || stderr);
  return asWanted;
}
