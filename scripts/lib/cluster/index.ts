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
  /** A second place for scenarios, so that two can run at once; undefined where there is one way in. */
  beside?: { url: string; nodePort: number };
  /** Makes images of the local engine available to the pods; says nothing when they already are. */
  offer(images: string[], say: Say): Promise<void>;
}

export const ensureCluster = (target: Target, say: Say): Promise<Cluster> =>
  target.type === "kind" ? kindCluster(target, say) : existingCluster(target, say);
