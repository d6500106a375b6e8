import {
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
} from "@kubernetes/client-node";

export interface Followed<T extends KubernetesObject> {
  path: string;
  labelSelector: string;
  list(): Promise<KubernetesListObject<T>>;
  /** Of an object that is new or has changed. */
  seen(object: T): void;
  gone(object: T): void;
}

const againMs = 1_000;

/** Follows the objects behind a path until stopped. While the API server does not answer it keeps trying, and says so. */
export function follow<T extends KubernetesObject>(
  config: KubeConfig,
  { path, labelSelector, list, seen, gone }: Followed<T>,
  lost: () => void,
): () => Promise<void> {
  let stopped = false;
  const informer = makeInformer<T>(config, path, list, labelSelector);
  informer.on("add", seen);
  informer.on("update", seen);
  informer.on("delete", gone);
  const start = () => {
    if (!stopped) void informer.start().catch(again);
  };
  const again = () => {
    if (stopped) return;
    lost();
    setTimeout(start, againMs).unref();
  };
  informer.on("error", again);
  start();
  return () => {
    stopped = true;
    return informer.stop();
  };
}
