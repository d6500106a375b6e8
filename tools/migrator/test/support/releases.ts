import { createPosts, type Source } from "./folder.ts";

/** Releases of a service as their migrations, each with all of those before it. */
export const addKind: Source = {
  name: "AddKind1700000003000",
  up: "ALTER TABLE posts ADD COLUMN kind text",
  down: "ALTER TABLE posts DROP COLUMN kind",
};

export const fillKind: Source = {
  name: "FillKind1700000003001",
  phase: "backfill",
  up: "UPDATE posts SET kind = 'post' WHERE kind IS NULL",
};

export const requireKind: Source = {
  name: "RequireKind1700000003002",
  phase: "contract",
  up: "ALTER TABLE posts ALTER COLUMN kind SET NOT NULL",
  down: "ALTER TABLE posts ALTER COLUMN kind DROP NOT NULL",
};

export const addTags: Source = {
  name: "AddTags1700000004000",
  up: "ALTER TABLE posts ADD COLUMN tags text[]",
  down: "ALTER TABLE posts DROP COLUMN tags",
};

export const requireTags: Source = {
  name: "RequireTags1700000004001",
  phase: "contract",
  up: "ALTER TABLE posts ALTER COLUMN tags SET NOT NULL",
  down: "ALTER TABLE posts ALTER COLUMN tags DROP NOT NULL",
};

export const v2 = [createPosts];
export const v3 = [...v2, addKind, fillKind, requireKind];
export const v4 = [...v3, addTags, requireTags];

export const levelOf = (release: readonly Source[]) => Number(release.at(-1)?.name.slice(-13));
export const level2 = levelOf(v2);
export const level3 = levelOf(v3);
export const level4 = levelOf(v4);
