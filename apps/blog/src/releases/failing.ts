import * as v2 from "./v2.ts";

/** Its migration fails, so this code never gets to serve. */
export const version = "failing";
export const api = v2.api;
export const features = () => v2.features();
export const seeds = v2.seeds;
export const migrations = [...v2.migrations, "IndexPostsByAuthor1768000000000"];
