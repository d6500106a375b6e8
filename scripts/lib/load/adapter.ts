/**
 * The routes of a service, as the load and the ledger use them: one file of plain functions with a default export of
 * this type. k6 runs it as well as Node, so it imports nothing but this type.
 *
 *     import type { Adapter } from "…/scripts/lib/load/adapter.ts";
 *     export default { versionHeader: "x-app-version", … } satisfies Adapter;
 *
 * Something that can be created, read and listed is needed; a service that has no `edit`, `remove` or `page` leaves it
 * out, and its share of the load goes to reads. A function that throws makes its request a failed one.
 */
export interface Adapter {
  /** Header by which every answer says which release gave it, in lower case. An answer without it counts as failed. */
  versionHeader: string;
  /** Path that answers 2xx as soon as the service can be reached. */
  ready: string;
  create: {
    /** Stores an entry: its title and its body, each a text, in whatever fields your service has. */
    send(entry: Entry): Call;
    /** The new entry's id, if this answer acknowledges the entry as it was sent; else undefined. */
    id(answer: Answer, entry: Entry): string | undefined;
  };
  read: {
    /** Asks for one entry. */
    send(id: string): Call;
    /** Whether the answer is that entry. Its body may have been edited since; `title` never is. */
    right(answer: Answer, id: string, title: string): boolean;
  };
  /** Changes the body of an entry, and nothing else of it. */
  edit?: {
    send(id: string, entry: Entry): Call;
    /** Whether the answer acknowledges the new body. */
    done(answer: Answer, entry: Entry): boolean;
  };
  remove?: {
    send(id: string): Call;
    /** Whether the answer acknowledges that it is gone. */
    done(answer: Answer): boolean;
  };
  /** Any read of several entries, cheap enough to be a third of the load. */
  list: Look;
  /** Anything else that people look at, for example a page of HTML. */
  page?: Look;
  /** Everything that is stored, page by page: after the load each acknowledged write is looked for in it. */
  all: {
    /** The first page; or the one after, with what `next` said. */
    send(next?: string): Call;
    /** The entries of a page, foreign ones too, and where the next page is; without `next` it was the last one. */
    entries(answer: Answer): { entries: Stored[]; next?: string | undefined };
  };
}

export interface Look {
  send(): Call;
  /** Whether the answer is what it should be. */
  right(answer: Answer): boolean;
}

/** What is written. */
export interface Entry {
  /** Unique in the run and never edited: the ledger finds an entry by it. Letters, digits, spaces and dashes. */
  title: string;
  /** The content, of up to 100 characters, which an edit replaces. */
  body: string;
}

/** What is read back. */
export interface Stored extends Entry {
  id: string;
}

/** One request. */
export interface Call {
  method: string;
  /** From the first slash on, with the query. */
  path: string;
  /** Sent as JSON. */
  json?: object;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  /** The value of a header, its name in lower case; undefined where there is none. */
  header(name: string): string | undefined;
  text: string;
  /** The text as JSON; undefined where it is no JSON object or array. */
  json: Record<string, unknown> | undefined;
}
