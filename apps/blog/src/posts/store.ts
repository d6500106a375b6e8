import type { DataSource, EntityManager, SelectQueryBuilder } from "typeorm";
import type { QueryDeepPartialEntity } from "typeorm/query-builder/QueryPartialEntity.js";
import { isKey, type Page, toPage } from "../keyset.ts";
import { invalid, notFound, Problem } from "../problems/problem.ts";
import { brokenConstraint } from "../problems/recognise.ts";
import type { Posts } from "./describe.ts";
import type { Post, PostInput, PostValues } from "./post.ts";

interface Range {
  limit: number;
  /** Key of the last post of the page before. */
  after?: string | undefined;
  /** Only posts with these values. */
  where?: Record<string, string>;
  /** How much of each body, as SQL: `wholeBodies` or `beginnings`. */
  bodies: string;
}

/**
 * As many whole bodies as together have no more bytes than this, and always the first: the page is shorter then, and the
 * next one goes on from there. PostgreSQL knows their sizes without reading them.
 */
const largestPage = 256 * 1024;
const bytesSoFar = "sum(octet_length(post.body)) OVER (ORDER BY post.id DESC ROWS UNBOUNDED PRECEDING)";
const isFirst = "row_number() OVER (ORDER BY post.id DESC) = 1";
export const wholeBodies = `CASE WHEN ${isFirst} OR ${bytesSoFar} <= ${largestPage} THEN post.body END`;

/** For the first paragraph of each: no more of a body leaves the database. */
export const beginnings = "left(post.body, 2000)";

export async function listPosts(db: EntityManager, posts: Posts, range: Range): Promise<Page<Post>> {
  const others = Object.keys(posts.entity.options.columns).filter((property) => property !== "body");
  const query = join(db.createQueryBuilder(posts.entity, "post"), posts)
    .select(others.map((property) => `post.${property}`))
    .addSelect([...posts.relations])
    .addSelect(range.bodies, "shown_body")
    .orderBy("post.id", "DESC")
    .limit(range.limit + 1);
  if (range.after) query.andWhere("post.id < :after", { after: range.after });
  for (const [property, value] of Object.entries(range.where ?? {})) {
    query.andWhere(`post.${property} = :${property}`, { [property]: value });
  }
  const { entities, raw } = await query.getRawAndEntities<{ shown_body: string | null }>();
  const bodies = raw.map((row) => row.shown_body);
  const posted = entities.map((post, n) => ({ ...post, body: bodies[n] ?? "" }));
  const tooMuch = bodies.indexOf(null);
  return toPage(posted, tooMuch === -1 ? range.limit : tooMuch);
}

export async function getPost(db: EntityManager, posts: Posts, id: string): Promise<Post> {
  const post = isKey(id) ? await select(db, posts).where("post.id = :id", { id }).getOne() : null;
  if (!post) throw notFound(`There is no post ${id}.`);
  return post;
}

export const createPost = (
  db: DataSource,
  posts: Posts,
  { updatedAt: _, ...input }: PostInput,
): Promise<Post> =>
  db.transaction(async (tx) => {
    const { identifiers } = await tx.insert(posts.entity, row(posts, input, true)).catch(explain(posts));
    return getPost(tx, posts, String(identifiers[0]?.id));
  });

/**
 * Replaces a post. With `updatedAt`, only if that is still the state the writer saw: two people editing one post do
 * not overwrite each other unawares. The check and the write are one statement, so nothing comes between.
 */
export const replacePost = (db: DataSource, posts: Posts, id: string, input: PostInput): Promise<Post> =>
  db.transaction(async (tx) => {
    const { updatedAt: seen, ...values } = input;
    if (!isKey(id)) throw notFound(`There is no post ${id}.`);
    const update = tx
      .createQueryBuilder()
      .update(posts.entity)
      // Strictly later than before, so that every state of a post has its own time.
      .set({ ...row(posts, values, false), updatedAt: () => "greatest(now(), updated_at + interval '1 ms')" })
      .where("id = :id", { id });
    if (seen) update.andWhere("updated_at = :seen", { seen });
    const { affected } = await update.execute().catch(explain(posts));
    const post = await getPost(tx, posts, id);
    if (affected === 0) throw changedMeanwhile(post);
    return post;
  });

export async function deletePost(db: DataSource, posts: Posts, id: string): Promise<void> {
  const gone = isKey(id) && (await db.manager.delete(posts.entity, { id })).affected;
  if (!gone) throw notFound(`There is no post ${id}.`);
}

const select = (db: EntityManager, posts: Posts) =>
  join(db.createQueryBuilder(posts.entity, "post"), posts).addSelect([...posts.relations]);

function join(query: SelectQueryBuilder<Post>, posts: Posts): SelectQueryBuilder<Post> {
  for (const relation of posts.relations) query.leftJoin(`post.${relation}`, relation);
  return query;
}

function row({ extensions }: Posts, values: PostValues, isNew: boolean): QueryDeepPartialEntity<Post> {
  let complete = values;
  for (const extension of extensions) complete = extension.complete?.(complete, isNew) ?? complete;
  // TypeORM's type knows the columns of Post; those of extensions are known to their schema.
  return complete as QueryDeepPartialEntity<Post>;
}

const changedMeanwhile = (post: Post) =>
  new Problem(
    409,
    `The post was changed meanwhile, at ${post.updatedAt.toISOString()}. Read it again, then save.`,
  );

const explain = (posts: Posts) => (error: unknown) => {
  const constraint = brokenConstraint(error);
  const fault =
    constraint && posts.extensions.map(({ constraints }) => constraints?.[constraint]).find(Boolean);
  throw fault ? invalid([fault]) : error;
};
