import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { blogFolder } from "../setup/process.ts";

const root = join(blogFolder, "../..");
export const scrapeConfig = join(root, "docs/prometheus/prometheus.yaml");
export const recordingRules = join(root, "charts/blog/files/recording-rules.yaml");

/** The questions of docs/metrics.md and their queries. */
export async function documentedQueries(): Promise<Record<string, string>> {
  const page = await readFile(join(root, "docs/metrics.md"), "utf8");
  const found = [...page.matchAll(/^### ([^\n]+)\n\n```promql\n(.+?)\n```$/gms)];
  return Object.fromEntries(found.map(([, question = "", query = ""]) => [question, query]));
}

/** Expressions by the name they are recorded under. */
export async function recorded(): Promise<Record<string, string>> {
  const { groups } = parse(await readFile(recordingRules, "utf8")) as {
    groups: { rules: { record: string; expr: string }[] }[];
  };
  return Object.fromEntries(groups.flatMap(({ rules }) => rules.map(({ record, expr }) => [record, expr])));
}

/** The scrape config as it stands, but for where the API server is and how long everything takes. */
export async function quickConfig(apiServer: string): Promise<string> {
  const config = parse(await readFile(scrapeConfig, "utf8"));
  config.global = { scrape_interval: "1s", evaluation_interval: "1s" };
  for (const scrape of config.scrape_configs)
    for (const discovery of scrape.kubernetes_sd_configs) discovery.api_server = apiServer;
  return JSON.stringify(config);
}
