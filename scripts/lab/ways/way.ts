import type { Place } from "../stand/place.ts";
import type { Values } from "../stand/values.ts";

/** What is to be deployed. */
export interface Order {
  release: string;
  /** Helm's --timeout, and how long a pipeline waits for a Job. */
  timeoutSeconds: number;
  /** Over those of the release. */
  values?: Values;
}

export interface Way {
  /** Migrates and deploys as this strategy does it; fails as its command, or pipeline, fails. */
  deploy(place: Place, order: Order): Promise<void>;
  /** Other ways to give the same order that people try when the plain one does not work, before they do what the page says. */
  variants?: { what: string; deploy(place: Place, order: Order): Promise<void> }[];
  /** What its page says to do when the plain next deploy does not work. */
  remedy?: {
    what: string;
    prepare?(place: Place, order: Order): Promise<void>;
    values?: Values;
  };
}
