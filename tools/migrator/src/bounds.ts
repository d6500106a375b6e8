/**
 * How long silence is borne. MIGRATOR_HASTE=10 makes all of it ten times shorter: for tests, which would otherwise wait.
 */
const haste = Math.max(Number(process.env.MIGRATOR_HASTE) || 1, 1);

/** How often sessions that wait for an answer are thought of. */
export const watchEveryMs = 1_000 / haste;
/** From then on a session that waits is asked about. */
export const answerMs = 5_000 / haste;
/** Who is asked about it answers within this. */
export const askMs = 5_000 / haste;
/** Nobody answers at all: this long, and the database is lost. */
export const silenceMs = 10_000 / haste;
/** A session that is not heard of any more is ended by the server after this long at rest. We say a word more often. */
export const restMs = 60_000 / haste;
/** The same while a migration may keep us from saying anything. */
export const restWithin = (idleBudgetMs: number) => Math.max(restMs, Math.round(idleBudgetMs / haste));
