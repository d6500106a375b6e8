import { STATUS_CODES } from "node:http";
import type { RequestHandler } from "express";
import type * as z from "zod";

/** What is wrong with one field of the input; `field` is empty where it is the input as a whole. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

/** An error meant for the client, in the terms of RFC 9457. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: { errors?: readonly FieldError[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.status = status;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }

  get title(): string {
    return STATUS_CODES[this.status] ?? "Error";
  }

  toJSON(): object {
    const { status, title, message: detail, errors } = this;
    return { type: "about:blank", title, status, detail, ...(errors.length > 0 && { errors }) };
  }
}

export const notFound = (detail: string) => new Problem(404, detail);

export const invalid = (errors: readonly FieldError[]) =>
  new Problem(400, "The request has faults.", { errors });

const mostErrors = 20;

/** What the schema makes of the input, or a 400 that names each faulty field. */
export function check<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const errors = read.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.slice(0, mostErrors).map((field) => ({ field, detail: "is not known to this release" }))
      : [{ field: issue.path.join("."), detail: issue.message }],
  );
  // Whoever sends thousands of faults, or one with a name as long as a book, learns of the first.
  throw invalid(
    errors.slice(0, mostErrors).map(({ field, detail }) => ({ field: field.slice(0, 100), detail })),
  );
}

export const methodNotAllowed =
  (...allowed: string[]): RequestHandler =>
  (request) => {
    throw new Problem(405, `${request.method} is not possible here.`, {
      headers: { Allow: allowed.join(", ") },
    });
  };
