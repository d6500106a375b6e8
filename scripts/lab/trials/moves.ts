import { theBlog } from "../../lib/rollout/service.ts";
import type { Verb } from "../../lib/verb.ts";
import type { Repair } from "../cell.ts";
import type { Place } from "../stand/place.ts";
import type { Values } from "../stand/values.ts";
import { migratesInPods, type StrategyName } from "../strategies.ts";
import type { Trial, TrialName } from "../trials.ts";
import { ways } from "../ways/index.ts";
import { upgrade } from "../ways/upgrade.ts";
import { type Course, type Outcome, underLoad } from "./course.ts";
import { killMidway } from "./kill.ts";
import { deployedAgain } from "./repair.ts";

export interface Moves {
  /** The trial that leaves the place just as this one needs it: where both are asked for, this one goes on there. */
  follows?: TrialName;
  /** Release whose schema and posts the database has beforehand; without it, that of `from`. */
  schema?: string;
  /** Brings the blog to where the trial begins; without it `from` is installed. */
  prepare?(place: Place, trial: Trial): Promise<void>;
  /** What is measured. */
  act(place: Place, trial: Trial, verb: Verb): Promise<Outcome>;
  /** The next deploy, afterwards and without load. */
  repair?(place: Place, trial: Trial, outcome: Outcome): Promise<Repair | undefined>;
}

/** Long enough for every deploy that works. */
const patience = { timeoutSeconds: 90, watchMs: 100_000 };
/** For a deploy that cannot work. */
const short = { timeoutSeconds: 15 };
/**
 * For the next deploy, without load: one that works takes 7 to 15 s on two slow cores, and one that does not takes all of
 * it. Where the kubelet is to try again, it may be waiting for 40 s just then.
 */
const nextSeconds = (strategy: StrategyName) => (migratesInPods(strategy) ? 75 : 25);

/** A deploy from the trial's first release to its second. */
const deploy =
  ({
    timeoutSeconds,
    values,
    ...watch
  }: Pick<Course, "pods" | "watchMs" | "watchFailedMs"> & { timeoutSeconds: number; values?: Values }) =>
  (place: Place, { from, to }: Trial, verb: Verb): Promise<Outcome> =>
    underLoad(place, { from, to, ...watch, order: orderOf(place, to, timeoutSeconds, values) }, verb);

/** More than the others have, so that they can get into each other's way. */
const atOnce = 3;

const installAtOnce = (place: Place, { from }: Trial) =>
  upgrade(place, { release: from, timeoutSeconds: 120, values: { blog: { replicaCount: atOnce } } });

const orderOf = (place: Place, release: string, timeoutSeconds: number, values?: Values) => () =>
  ways[place.strategy].deploy(place, { release, timeoutSeconds, ...(values && { values }) });

const again = (place: Place, { to }: Trial, cause?: string) =>
  deployedAgain(place, { release: to, timeoutSeconds: nextSeconds(place.strategy) }, cause);

export const install = (place: Place, release: string, wait = true) =>
  upgrade(place, { release, timeoutSeconds: 120 }, { wait });

export const moves: Record<TrialName, Moves> = {
  normal: { act: deploy(patience) },

  failing: {
    act: deploy({ ...short, watchMs: patience.watchMs }),
    async repair(place, trial) {
      const cause = "ALTER TABLE posts ADD COLUMN author text";
      await place.query(cause);
      return again(place, trial, cause);
    },
  },

  "too-long": {
    follows: "killed",
    // Less than the 25 s the migration sleeps, and more than a rollout: only those fail that migrate under Helm's eyes.
    act: deploy({ timeoutSeconds: 24, watchMs: patience.watchMs, watchFailedMs: 120_000 }),
    repair: async (place, trial, { deployedSeconds }) =>
      deployedSeconds === null ? again(place, trial) : undefined,
  },

  killed: {
    act: (place, { from, to }, verb) => {
      const { killed, meanwhile } = killMidway(place);
      const order = orderOf(place, to, patience.timeoutSeconds);
      const course: Course = { from, to, watchMs: patience.watchMs, order, meanwhile };
      return underLoad(place, course, verb).finally(killed);
    },
    repair: async (place, trial, { command }) => (command.succeeded ? undefined : again(place, trial)),
  },

  replicas: {
    prepare: installAtOnce,
    act: deploy({
      ...patience,
      pods: atOnce,
      values: { blog: { replicaCount: atOnce, rollout: { maxSurge: "100%" } } },
    }),
  },

  rollback: {
    follows: "normal",
    // Nothing is migrated on the way to where it begins, which is quicker.
    schema: "v2",
    async prepare(place) {
      await install(place, "v1", false);
      await upgrade(place, { release: "v2", timeoutSeconds: 120 });
    },
    act: (place, { from, to }, verb) => {
      const order = async () =>
        void (await place.helm("rollback", "blog", "1", "--wait", "--timeout", "90s"));
      return underLoad(place, { from, to, watchMs: patience.watchMs, order }, verb);
    },
  },

  "scale-up": {
    follows: "replicas",
    prepare: installAtOnce,
    async act(place, { from, to }, verb) {
      await place.kubectl("delete", "jobs", "--all");
      const pods = atOnce + 1;
      const order = async () => {
        const victim = await place.kubectl(
          ...["get", "pods", "-o", "name", "-l", theBlog.pods, "--field-selector", "status.phase=Running"],
        );
        await place.kubectl("scale", "deployment/blog", `--replicas=${pods}`);
        await place.kubectl("delete", victim.split("\n")[0] ?? "", "--wait=false");
      };
      return underLoad(place, { from, to, pods, watchMs: 60_000, order }, verb);
    },
  },

  // The deploy of the normal trial, asked about something else.
  credentials: { act: deploy(patience) },
};
