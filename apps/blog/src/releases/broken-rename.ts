import type { PostExtension } from "../posts/extension.ts";
import * as v2 from "./v2.ts";

/** This code finds a post's body under its new name. The code that is still running does not. */
const renamedBody: PostExtension = { columns: { body: { type: "text", name: "content" } } };

export const version = "broken-rename";
export const api = v2.api;
export const features = () => v2.features(renamedBody);
export const seeds = v2.seeds;
export const migrations = [...v2.migrations, "RenamePostBody1765000000000"];
