import type { Place } from "../stand/place.ts";
import type { StrategyName } from "../strategies.ts";
import { externalJob, runExternalJob } from "./external-job.ts";
import { behindPage } from "./holding-page.ts";
import { runOutside } from "./migrator-outside.ts";
import { runPod } from "./migrator-pod.ts";
import { upgrade } from "./upgrade.ts";
import type { Way } from "./way.ts";

const withHelm3 = (place: Place): Place => ({
  ...place,
  cluster: { ...place.cluster, helm: place.stage.helm3 },
});

/** Helm alone: whatever migrates is in the chart, or in the image. */
const helmAlone: Way = { deploy: upgrade };

export const ways: Record<StrategyName, Way> = {
  "job-and-gate": {
    deploy: upgrade,
    remedy: {
      what: "the same release with migration.attempt one higher",
      values: { blog: { migration: { attempt: 2 } } },
    },
  },
  "job-hook": {
    deploy: upgrade,
    // What stands in the way of the next deploy depends on Helm's version: 4 applies a hook's objects, 3 creates them.
    variants: [
      {
        what: "the same deploy with Helm 3",
        deploy: (place, order) => upgrade(withHelm3(place), order),
      },
    ],
    remedy: {
      what: "kubectl delete job blog-migrate, then the same deploy",
      prepare: async (place) => void (await place.kubectl("delete", "job", "blog-migrate")),
    },
  },
  "init-container": helmAlone,
  startup: helmAlone,
  "startup-lockless": helmAlone,
  "deploy-script": {
    async deploy(place, order) {
      await runPod(place, order.release);
      await upgrade(place, order);
    },
    remedy: {
      what: "kubectl delete pod blog-migrate, then the same deploy",
      prepare: async (place) =>
        void (await place.kubectl("delete", "pod", "blog-migrate", "--ignore-not-found")),
    },
  },
  "deploy-script-outside": {
    async deploy(place, order) {
      await runOutside(place, order.release);
      await upgrade(place, order);
    },
  },
  "holding-page": {
    deploy: behindPage,
    remedy: {
      what: "kubectl delete pod blog-migrate, then the same deploy",
      prepare: async (place) =>
        void (await place.kubectl("delete", "pod", "blog-migrate", "--ignore-not-found")),
    },
  },
  "external-job": {
    async deploy(place, order) {
      await runExternalJob(place, order);
      await upgrade(place, order);
    },
    remedy: {
      what: "kubectl delete the failed Job, then the same deploy",
      prepare: async (place, { release }) => void (await place.kubectl("delete", externalJob(release))),
    },
  },
};
