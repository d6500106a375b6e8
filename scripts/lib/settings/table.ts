import { least } from "../load/least-rate.ts";
import { releaseNames } from "../release/releases.ts";
import { anything, decimal, matching, oneOf, type Value, webAddress, whole, yesOrNo } from "./values.ts";

/** Targets that stand on a cluster. */
export const onCluster: readonly string[] = [
  ...["demo", "watch", "test", "e2e", "e2e-full", "up", "deploy", "down", "doctor", "soak", "lab"],
];
const scenarios = ["e2e", "e2e-full"] as const;
const underLoad = ["demo", "test", ...scenarios, "soak", "lab"] as const;

/** Of the Makefile, without `help`, in its order. */
export const targets = [
  ...["demo", "watch", "report", "test", "e2e", "e2e-full", "up", "deploy", "down", "doctor"],
  ...["dev", "compat", "lint", "bench", "soak", "lab"],
] as const satisfies readonly string[];

export interface Setting<T = unknown> extends Value<T> {
  about: string;
  /** What holds without it, as a document says it. */
  otherwise: string;
  /** What takes it; "all" where every target does. */
  takenBy: readonly string[] | "all";
}

const setting = <T>(
  about: string,
  value: Value<T>,
  otherwise: string,
  takenBy: Setting["takenBy"],
): Setting<T> => ({
  ...value,
  ...{ about, otherwise, takenBy },
});

const release = oneOf(releaseNames(), `a release: ${releaseNames().join(", ")}`);
const image = matching(/^\S+$/, "the name of an image");
const file = anything("a path from the root of this repository");

/** Every setting there is. Of those of a service of your own, own-service/settings.ts says which belong together. */
export const settings = {
  FROM: setting("the release that runs", release, "v1", ["demo", "compat"]),
  TO: setting("the release that follows", release, "v2", ["demo", "compat"]),
  RELEASE: setting("the release to install, or to upgrade to", release, "v1", ["deploy"]),
  RATE: setting(
    "the load",
    whole(least, 5_000, "requests per second, "),
    "what machine and service carry, 225 at most",
    underLoad,
  ),
  MINUTES: setting("how long it goes on; the cycle it is in is finished", decimal(1440), "30", ["soak"]),
  ONLY: setting(
    "parts of it, separated by commas",
    matching(/^[\w.,-]+$/, "names, separated by commas"),
    "all",
    [...["test", ...scenarios, "lab", "bench"]],
  ),
  CLUSTER: setting(
    "the kind cluster",
    matching(/^[a-z0-9][a-z0-9-]{0,39}$/, "letters, digits and dashes, 40 at most"),
    "schema-rollout",
    onCluster,
  ),
  NODES: setting("nodes of a new cluster", whole(1, 9), "1", onCluster),
  PORT: setting("the port of 127.0.0.1 where the blog answers", whole(1, 65_535), "8080; of dev 3000", [
    ...onCluster,
    "dev",
  ]),
  E2E_PORT: setting(
    "that of the scenarios; the next one is taken as well",
    whole(1, 65_534),
    "8081",
    onCluster,
  ),
  KUBE_CONTEXT: setting(
    "a cluster you have, by its context",
    anything("a context of the kubeconfig"),
    "kind",
    onCluster,
  ),
  REGISTRY: setting(
    "where images are pushed, with KUBE_CONTEXT",
    matching(/^[^\s/]+(\/[^\s/]+)*$/, "a registry looks like host:5000/team, without a scheme"),
    "–",
    onCluster,
  ),
  URL: setting("where the blog answers, with KUBE_CONTEXT", webAddress, "–", onCluster),
  NODE_PORT: setting(
    "the port of every node that leads there, with KUBE_CONTEXT",
    whole(30_000, 32_767),
    "the way there is yours",
    onCluster,
  ),
  NAMESPACE: setting(
    "what to watch",
    matching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "the name of a namespace"),
    "blog",
    ["watch"],
  ),
  RECORD: setting("the run to draw", file, "artifacts/demo/run.json", ["report"]),
  OUT: setting("report: the page; soak: a folder where this run is kept", file, "beside the record; none", [
    ...["report", "soak"],
  ]),
  SHOTS: setting("what the names of pictures begin with", file, "no pictures", ["report"]),
  REDRAW: setting("the published pages anew, nothing measured", yesOrNo, "0", ["lab"]),
  SIZES: setting(
    "rows of the tables that are filled",
    matching(/^\d+[kM]?(,\d+[kM]?)*$/, "numbers such as 10k,300k,1M"),
    "10k,100k,300k,1M",
    ["bench"],
  ),
  RUNS: setting("starts of the gate that are measured", whole(1, 100_000), "100", ["bench"]),
  GATES: setting("gates that wait at once", whole(1, 10_000), "200", ["bench"]),
  FROM_IMAGE: setting("a service of yours: the image of the release that runs", image, "the blog", scenarios),
  TO_IMAGE: setting("the image of the release that follows", image, "the blog", scenarios),
  FROM_MIGRATIONS: setting("the migrator image of the release that runs", image, "the blog", scenarios),
  TO_MIGRATIONS: setting("the migrator image of the release that follows", image, "the blog", scenarios),
  ADAPTER: setting("the file with its routes", file, "the blog's", scenarios),
  CHART: setting("its chart", file, "charts/examples/orders", scenarios),
  VALUES: setting("its values", file, "none", scenarios),
  VERBOSE: setting("what lies beneath an error", yesOrNo, "0", "all"),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as SettingName[];

export const takes = (target: string, name: SettingName): boolean => {
  const { takenBy }: Setting = settings[name];
  return takenBy === "all" || takenBy.includes(target);
};
