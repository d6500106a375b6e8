import * as z from "zod";
import { invalid } from "./problems/problem.ts";

const largest = 2n ** 63n - 1n;

/** A bigint key as PostgreSQL and JSON carry it: digits in a string. */
export const isKey = (text: string) => /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= largest;

export interface Page<T> {
  items: T[];
  /** Where the next page starts, or null at the end. */
  next: string | null;
}

/**
 * A cursor names the last row seen, so rows that come or go meanwhile neither repeat nor hide others, and a page
 * far down costs no more than the first. It is opaque, because what it holds is ours to change.
 */
const toCursor = (id: string) => Buffer.from(id).toString("base64url");

export function fromCursor(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (!isKey(id)) throw invalid([{ field: "after", detail: "is no cursor of this API" }]);
  return id;
}

/** Cuts a page from rows of which one more than `limit` was asked for. */
export function toPage<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? toCursor(last.id) : null };
}

export const pageQuery = z.object({
  limit: z.coerce.number("must be a number").int().min(1).max(100).default(20),
  after: z.string().transform(fromCursor).optional(),
});
