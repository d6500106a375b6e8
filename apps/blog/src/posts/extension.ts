import type { EntityManager, EntitySchemaColumnOptions, EntitySchemaRelationOptions } from "typeorm";
import type * as z from "zod";
import type { Html } from "../pages/html.ts";
import type { FieldError } from "../problems/problem.ts";
import type { Post, PostValues } from "./post.ts";

/**
 * What another feature may add to posts without posts knowing it. Every part is optional.
 * A property has one name throughout: in the entity, in the input, in the form.
 */
export interface PostExtension {
  /** Columns beside (or in place of) those that every post has. */
  readonly columns?: Record<string, EntitySchemaColumnOptions>;
  /** Relations, loaded with every post. */
  readonly relations?: Record<string, EntitySchemaRelationOptions>;
  /**
   * Fields that a writer may send. Make them optional: a client of the release before does not send them, and
   * what is not sent is left as it is.
   */
  readonly input?: z.ZodRawShape;
  /** Puts in what the writer left out. Of a post that is not new, what is stored can be kept. */
  complete?(values: PostValues, isNew: boolean): PostValues;
  /** What a constraint's refusal means to the writer, by the constraint's name. */
  readonly constraints?: Record<string, FieldError>;
  /** More fields of a post's JSON. */
  json?(post: Post): Record<string, unknown>;
  /** Shown beside a post's date. */
  badge?(post: Post): Html;
  /** One more field of the form. */
  formField?(db: EntityManager, value: string, error: string | undefined): Promise<Html>;
}
