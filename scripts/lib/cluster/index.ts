import type { Say } from "../progress.ts";
import { existingCluster } from "./existing.ts";
import { kindCluster } from "./kind.ts";
import type { Target } from "./target.ts";

export interface Cluster {
  /** Tools, resolved. */
  kubectl: string;
  helm: string;
  kubeconfig: string;
  context: string;
  /** What image names start with, e.g. localhost/schema-rollout. */
  imagePrefix: string;
  /** Where the blog answers, by purpose. */
  urls: { demo: string; e2e: string };
  /** Which NodePort leads there; undefined where the user's own ingress does. */
  nodePorts: { demo: number; e2e: number } | undefined;
  /** Makes images of the local engine available to the pods; says nothing when they already are. */
  offer(images: string[], say: Say): Promise<void>;
}

export const ensureCluster = (target: Target, say: Say): Promise<Cluster> =>
  target.type === "kind" ? kindCluster(target, say) : existingCluster(target, say);
