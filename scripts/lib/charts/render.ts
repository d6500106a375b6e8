import { type KubernetesObject, loadAllYaml } from "@kubernetes/client-node";
import { $ } from "zx";
import { root } from "../paths.ts";

/** Of an object as a chart renders it: every field may be asked for. */
// biome-ignore lint/suspicious/noExplicitAny: the kinds are many, and the tests read a few fields of each
export type Rendered = KubernetesObject & Record<string, any>;

export interface RenderOptions {
  /** Path of the helm to use. */
  helm: string;
  chart: string;
  release: string;
  namespace: string;
  /** Values as JSON; given after the files. */
  values?: unknown;
  valueFiles?: string[];
  args?: string[];
}

/** `helm template`: what a tool gets that only renders. Never asks a cluster. */
export async function render(options: RenderOptions): Promise<string> {
  const { helm, chart, release, namespace, values, valueFiles = [], args = [] } = options;
  const files = valueFiles.flatMap((file) => ["--values", file]);
  const { stdout } = await $({
    cwd: root,
    quiet: true,
    input: JSON.stringify(values ?? {}),
  })`${helm} template ${release} ${chart} --namespace ${namespace} ${files} --values - ${args}`;
  return stdout;
}

export const objectsOf = (text: string): Rendered[] =>
  loadAllYaml(text).filter((object): object is Rendered => object !== null && object !== undefined);

/** The one object of that kind, and of that name where one is given (as a beginning). */
export function theOne(objects: Rendered[], kind: string, name = ""): Rendered {
  const found = objects.filter((object) => object.kind === kind && object.metadata?.name?.startsWith(name));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} objects are a ${kind} ${name}`);
  return found[0];
}
