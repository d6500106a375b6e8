import * as v3 from "./v3.ts";

/** What comes after a contract: v3's code, and an expand migration that must not run before v3's contract. */
export const version = "v4";
export const api = v3.api;
export const features = v3.features;
export const seeds = v3.seeds;
export const migrations = [...v3.migrations, "IndexCategoriesByName1780000000000"];
