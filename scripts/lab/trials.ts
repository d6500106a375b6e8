/** What every strategy has to go through. `migration` is the one whose runs are counted. */
export const trials = [
  {
    name: "normal",
    title: "A normal migration",
    what: "v1 → v2: a table, a column with its foreign key, an index built CONCURRENTLY",
    from: "v1",
    to: "v2",
    migration: "AddCategories1760000000000",
  },
  {
    name: "failing",
    title: "A migration that fails",
    what: "v2 → a release whose migration fails at its second statement; then the cause is repaired and the same release deployed again",
    from: "v2",
    to: "failing",
    migration: "IndexPostsByAuthor1768000000000",
  },
  {
    name: "too-long",
    title: "A migration longer than Helm's timeout",
    what: "v2 → a release whose migration takes 25 s, deployed with --timeout 24s; then the same release again",
    from: "v2",
    to: "slow",
    migration: "IndexPostsByUpdate1769000000000",
  },
  {
    name: "killed",
    title: "The migrator is killed half-way",
    what: "v1 → v2: SIGKILL while it builds an index CONCURRENTLY, which a long transaction delays; then, where that is needed, the same release again",
    from: "v1",
    to: "v2",
    migration: "IndexPostsByCategory1760000000002",
  },
  {
    name: "replicas",
    title: "All replicas start at once",
    what: "v2 → a release whose migration must run once: three replicas, with a surge of 100 %",
    from: "v2",
    to: "welcome",
    migration: "WelcomeReaders1769500000000",
  },
  {
    name: "rollback",
    title: "A rollback",
    what: "v2 → v1 by helm rollback, on v2's schema: where the normal trial has come to",
    from: "v2",
    to: "v1",
    migration: "AddCategories1760000000000",
  },
  {
    name: "scale-up",
    title: "Scaling up and restarting once the Job is gone",
    what: "the release of the replicas trial, with its Jobs removed: one pod more, and one deleted",
    from: "welcome",
    to: "welcome",
    migration: "WelcomeReaders1769500000000",
  },
  {
    name: "credentials",
    title: "Who holds rights to change the schema",
    what: "v1 → v2, the deploy of the normal trial: every pod that was seen, the Secrets it has, and what their roles may do",
    from: "v1",
    to: "v2",
    migration: "AddCategories1760000000000",
  },
] as const;

export type Trial = (typeof trials)[number];
export type TrialName = Trial["name"];

/** Releases that are built for them. */
export const releases: string[] = [...new Set(trials.flatMap(({ from, to }) => [from, to]))];
