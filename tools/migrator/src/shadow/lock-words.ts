import type { LockMode } from "./types.ts";

interface Meaning {
  /** As PostgreSQL's documentation writes it. */
  name: string;
  blocks: { reads: boolean; writes: boolean; ddl: boolean };
  words: string;
}

const blocking = (reads: boolean, writes: boolean) => ({ reads, writes, ddl: true });

/** What others cannot do while a lock of this mode is held (or waited for, which is the same to who comes behind). */
export const meaning: Record<LockMode, Meaning> = {
  AccessShareLock: {
    name: "ACCESS SHARE",
    blocks: blocking(false, false),
    words: "blocks only what wants ACCESS EXCLUSIVE",
  },
  RowShareLock: {
    name: "ROW SHARE",
    blocks: blocking(false, false),
    words: "blocks no reads, no writes; some DDL waits",
  },
  RowExclusiveLock: {
    name: "ROW EXCLUSIVE",
    blocks: blocking(false, false),
    words: "blocks no reads, no writes of other rows; DDL waits",
  },
  ShareUpdateExclusiveLock: {
    name: "SHARE UPDATE EXCLUSIVE",
    blocks: blocking(false, false),
    words: "blocks no reads, no writes; other DDL and VACUUM wait",
  },
  ShareLock: { name: "SHARE", blocks: blocking(false, true), words: "blocks writes and DDL; reads go on" },
  ShareRowExclusiveLock: {
    name: "SHARE ROW EXCLUSIVE",
    blocks: blocking(false, true),
    words: "blocks writes and DDL; reads go on",
  },
  ExclusiveLock: {
    name: "EXCLUSIVE",
    blocks: blocking(false, true),
    words: "blocks writes and DDL; reads go on",
  },
  AccessExclusiveLock: {
    name: "ACCESS EXCLUSIVE",
    blocks: blocking(true, true),
    words: "blocks reads, writes and DDL",
  },
};
