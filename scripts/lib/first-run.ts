import { readdir } from "node:fs/promises";
import { cacheRoot } from "@schema-rollout/toolchain";

/** What a person should know before waiting, when nothing of ours is in the cache yet; undefined later on. */
export async function firstRunNotice(): Promise<string | undefined> {
  const cached = await readdir(cacheRoot()).catch(() => []);
  if (cached.some((entry) => entry.startsWith("k6-"))) return undefined;
  return [
    "First run: the tools are downloaded, which takes a few minutes. Where releases or images cannot be reached they",
    "are built from source instead: 15 to 25 minutes on 2 cores, longer on slow ones, and only once.",
    "Interrupt it when you like; it goes on where it was.",
  ].join("\n");
}
