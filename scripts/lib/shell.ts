import { $, ProcessOutput } from "zx";
import { root } from "./paths.ts";

/** Aborted on Ctrl-C: whatever runs then is ended with us. */
export const interruption = new AbortController();

/** Runs commands from the repository's root, quietly; a failing one throws zx's ProcessOutput. */
export const sh = $({
  cwd: root,
  quiet: true,
  signal: interruption.signal,
  stdio: ["ignore", "pipe", "pipe"],
});

/**
 * What a failed command said: the end of its stderr, or of its stdout. Helm's remark on the linked library chart
 * (docs/adr/0003) is left out.
 */
export function saidBy(error: unknown): string {
  if (!(error instanceof ProcessOutput)) return error instanceof Error ? error.message : String(error);
  const text = error.stderr.trim() || error.stdout.trim() || `exit code ${error.exitCode}`;
  const lines = text.split("\n").filter((line) => !line.includes("found symbolic link in path"));
  return lines.slice(-8).join("\n");
}
