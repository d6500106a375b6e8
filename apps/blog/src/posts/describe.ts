import { EntitySchema, type EntitySchemaColumnOptions } from "typeorm";
import * as z from "zod";
import { writtenText } from "../text.ts";
import type { PostExtension } from "./extension.ts";
import type { Post, PostInput } from "./post.ts";

/** All that one release knows about a post. */
export interface Posts {
  readonly entity: EntitySchema<Post>;
  readonly relations: readonly string[];
  readonly input: z.ZodType<PostInput>;
  readonly extensions: readonly PostExtension[];
}

// Named one by one and selected by name: a column added later does not reach this release's queries.
const columns: Record<keyof Post, EntitySchemaColumnOptions> = {
  id: { type: "bigint", primary: true, generated: "increment" },
  title: { type: "text" },
  body: { type: "text" },
  createdAt: { type: "timestamptz", name: "created_at", default: () => "now()" },
  updatedAt: { type: "timestamptz", name: "updated_at", default: () => "now()" },
};

/** In UTF-16 code units. The form and the limits of request bodies go by them. */
export const longest = { title: 200, body: 100_000 };

export function describePosts(...extensions: PostExtension[]): Posts {
  const relations = Object.assign({}, ...extensions.map((extension) => extension.relations));
  return {
    extensions,
    relations: Object.keys(relations),
    entity: new EntitySchema<Post>({
      name: "Post",
      tableName: "posts",
      columns: Object.assign({}, columns, ...extensions.map((extension) => extension.columns)),
      relations,
    }),
    // Strict: a field that this release does not know would be lost silently, so it is refused.
    input: z.strictObject({
      title: writtenText(longest.title).transform((title) => title.trim()),
      body: writtenText(longest.body),
      updatedAt: z.iso
        .datetime({ offset: true, error: "must be a time as the API gives it" })
        .transform((time) => new Date(time))
        .optional(),
      ...(Object.assign({}, ...extensions.map((extension) => extension.input)) as z.ZodRawShape),
    }),
  };
}

/** A post as the API shows it. */
export const postJson = ({ extensions }: Posts, post: Post): object => {
  const { id, title, body, createdAt, updatedAt } = post;
  return Object.assign(
    { id, title, body, createdAt, updatedAt },
    ...extensions.map((extension) => extension.json?.(post)),
  );
};
