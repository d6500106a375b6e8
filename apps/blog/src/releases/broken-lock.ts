import * as v2 from "./v2.ts";

/** Its migration keeps readers and writers of posts waiting for seconds. */
export const version = "broken-lock";
export const api = v2.api;
export const features = () => v2.features();
export const seeds = v2.seeds;
export const migrations = [...v2.migrations, "CountViews1767000000000"];
