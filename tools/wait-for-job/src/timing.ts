/** Every wait of the gate, in milliseconds, in one place: tests shorten them, nothing else does. */
export interface Timing {
  /** 401 and 403 are given this long: RBAC and a new ServiceAccount take a moment to reach every API server. */
  readonly deniedFor: number;
  /** The longest pause between two tries meanwhile. */
  readonly deniedEvery: number;
  /** How often the database is asked (see pace.ts) while the Job cannot tell when to look. */
  readonly databaseEvery: number;
  /**
   * While the Job is seen and has not ended: it may never end (an injected sidecar), be suspended, or somebody applied
   * the schema by hand.
   */
  readonly databaseSlowly: number;
  /** After a Job ended Complete and the database said no. */
  readonly confirmEvery: number;
  readonly connectWithin: number;
  readonly queryWithin: number;
  /** The API server must begin to answer within this. */
  readonly answerWithin: number;
  /** The API server is asked to end each WATCH after this, as every Kubernetes client does. */
  readonly watchFor: number;
  /** No whole line for this long means the WATCH is dead. Bookmarks come about once a minute. */
  readonly silence: number;
  /** What --diagnostics may take of the time after the end. */
  readonly diagnoseWithin: number;
  readonly backoffBase: number;
  readonly backoffCap: number;
  /** A WATCH that lived this long was a good one: the next failure counts as the first. */
  readonly healthyAfter: number;
}

export const TIMING: Timing = {
  deniedFor: 5_000,
  deniedEvery: 1_000,
  databaseEvery: 3_000,
  databaseSlowly: 10_000,
  confirmEvery: 500,
  connectWithin: 3_000,
  queryWithin: 3_000,
  answerWithin: 10_000,
  watchFor: 300_000,
  silence: 75_000,
  diagnoseWithin: 2_000,
  backoffBase: 100,
  backoffCap: 5_000,
  healthyAfter: 5_000,
};
