import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dumpYaml, loadYaml } from "@kubernetes/client-node";
import { resolveTool } from "@schema-rollout/toolchain";
import { artifacts, root } from "../paths.ts";
import { sh } from "../shell.ts";
import { shown } from "./shown.ts";
import { add, none, type Totals } from "./totals.ts";

interface RuleFile {
  groups: { rules: { alert: string }[] }[];
}

/** Tests name these files as their rules. */
const rendered = join(artifacts, "test/alerts");
const tests = join(root, "charts/blog/tests/alerts");

/** What the chart is rendered with: as it comes, and with everything set that can be. */
const renderings = {
  blog: { release: "blog", namespace: "blog", values: [] },
  settings: { release: "shop", namespace: "store", values: [join(tests, "values/settings.yaml")] },
};

/** Renders the chart's alerts as rule files, has promtool check them, and runs their tests over synthetic series. */
export async function testAlerts(): Promise<Totals> {
  const promtool = await resolveTool("promtool", { onProgress: console.log });
  const files = await render();
  let totals = none;
  for (const file of files) {
    const { exitCode } = await shown`${promtool.path} check rules --lint=all --lint-fatal ${file}`;
    totals = add(totals, one(exitCode === 0));
  }
  totals = add(totals, one(await haveRunbooks(files[0] ?? "")));

  const report = join(rendered, "promtool.xml");
  const suites = (await readdir(tests)).filter((name) => name.endsWith(".yaml")).sort();
  const { exitCode } =
    await shown`${promtool.path} test --junit=${report} rules ${suites.map((name) => join(tests, name))}`;
  const counted = promtoolTotals(await readFile(report, "utf8").catch(() => ""));
  const unexplained = exitCode !== 0 && counted.failed === 0;
  return add(add(totals, counted), unexplained ? one(false) : none);
}

/** Counts promtool's JUnit report by its cases: its own count of failures is one of assertions. */
export function promtoolTotals(xml: string): Totals {
  const cases = [...xml.matchAll(/<testcase\b[^>]*>(.*?)<\/testcase>/gs)];
  return cases.reduce((totals, [, said]) => add(totals, one(!/<(failure|error)>/.test(said ?? ""))), none);
}

const one = (passed: boolean): Totals => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1 });

async function render(): Promise<string[]> {
  const helm = await resolveTool("helm", { onProgress: console.log });
  await rm(rendered, { recursive: true, force: true });
  await mkdir(rendered, { recursive: true });
  return Promise.all(
    Object.entries(renderings).map(async ([name, { release, namespace, values }]) => {
      const given = ["charts/blog/ci/values.yaml", ...values].flatMap((file) => ["--values", file]);
      const { stdout } =
        await sh`${helm.path} template ${release} charts/blog --namespace ${namespace} ${given} --set alerts.enabled=true --show-only templates/prometheusrule.yaml`;
      const file = join(rendered, `${name}.yaml`);
      await writeFile(file, dumpYaml(loadYaml<{ spec: RuleFile }>(stdout).spec, { lineWidth: -1 }));
      return file;
    }),
  );
}

/** Each alert has a heading in docs/alerts.md, where its link leads, and each heading there is an alert. */
async function haveRunbooks(file: string): Promise<boolean> {
  const { groups } = loadYaml<RuleFile>(await readFile(file, "utf8"));
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const page = await readFile(join(root, "docs/alerts.md"), "utf8");
  const headings = [...page.matchAll(/^## (Migration\w+)$/gm)].map(([, heading]) => heading);
  const same = alerts.toSorted().join() === headings.toSorted().join();
  if (!same) console.error(`docs/alerts.md has runbooks of ${headings}; the chart has alerts ${alerts}.`);
  return same;
}
