import * as v2 from "./v2.ts";

/** Its migration is not safe to run twice; whoever runs it twice has two posts that say welcome. */
export const version = "welcome";
export const api = v2.api;
export const features = () => v2.features();
export const seeds = v2.seeds;
export const migrations = [...v2.migrations, "WelcomeReaders1769500000000"];
