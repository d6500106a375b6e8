/** The ways of migrating that are compared: a values file each, charts/strategy-lab/values/NAME.yaml. */
export const strategies = [
  { name: "job-and-gate", page: "job-and-gate", how: "our default: a Job, and an init container that waits" },
  { name: "job-hook", page: "job-hook", how: "a Helm hook Job before the upgrade" },
  { name: "init-container", page: "init-container", how: "the migration in an init container of every pod" },
  { name: "startup", page: "startup", how: "the app migrates when it starts, under a lock" },
  { name: "startup-lockless", page: "startup", how: "the same without a lock" },
  { name: "deploy-script", page: "deploy-script", how: "the pipeline runs the migrator in a pod, then helm" },
  {
    name: "deploy-script-outside",
    page: "deploy-script",
    how: "the pipeline runs the migrator where it is itself, then helm",
  },
  { name: "holding-page", page: "holding-page", how: "the app is taken down behind a page meanwhile" },
  { name: "external-job", page: "external-job", how: "the pipeline applies a Job and waits, then helm" },
] as const;

export type StrategyName = (typeof strategies)[number]["name"];

/** Those that share a page are one strategy in two forms, and one values file unless each has its own. */
export const valuesFile = (name: StrategyName): string =>
  `charts/strategy-lab/values/${name === "deploy-script-outside" ? "deploy-script" : name}.yaml`;

/** Which need an image that migrates when it starts. */
export const migratesAtStart = (name: StrategyName): boolean => name.startsWith("startup");

/** Which migrate in the blog's own pods: there the kubelet tries again, and waits longer each time. */
export const migratesInPods = (name: StrategyName): boolean =>
  name === "init-container" || migratesAtStart(name);
