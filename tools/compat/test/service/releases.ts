interface Release {
  migrations: string[];
  /** What its code calls the column. */
  column?: string;
  /** What its code writes. */
  text?: string;
  crashes?: boolean;
  contract?: string;
  waits?: boolean | "for ever";
}

/** A service of one table, and what its releases do to it. Not TypeORM: compat knows commands only. */
const notes = ["CREATE TABLE IF NOT EXISTS notes (id int GENERATED ALWAYS AS IDENTITY, text text NOT NULL)"];

const releases: Record<string, Release> = {
  one: { migrations: notes },
  adds: { migrations: [...notes, "ALTER TABLE notes ADD COLUMN IF NOT EXISTS author text"] },
  renames: {
    migrations: [
      ...notes,
      `DO $$ BEGIN ALTER TABLE notes RENAME text TO content; EXCEPTION WHEN undefined_column THEN END $$`,
    ],
    column: "content",
  },
  // Locks the table for longer than the app of slow-suite.json waits, while the suite that began with it is over and
  // the next one still starts.
  locks: {
    migrations: [...notes, "SELECT pg_sleep(2.4)", "BEGIN", "LOCK notes", "SELECT pg_sleep(1.5)", "COMMIT"],
  },
  fails: { migrations: [...notes, "ALTER TABLE nowhere ADD COLUMN author text"] },
  // Its code cannot live beside older code's rows.
  picky: { migrations: notes, crashes: true },
  // What it writes, the code before it cannot read.
  writesLong: { migrations: notes, text: "x".repeat(99) },
  // One that does not even hold alone.
  broken: { migrations: notes, column: "nothing" },
  narrows: { migrations: notes, contract: "ALTER TABLE notes ADD CHECK (length(text) < 50)" },
  // Its contract does not wait for older code, or for ever.
  hasty: { migrations: notes, contract: "ALTER TABLE notes RENAME text TO content", waits: false },
  stuck: { migrations: notes, contract: "SELECT 1", waits: "for ever" },
};

/** The release that a command of compat.json names. */
export const name = process.argv[2] ?? "";
const found = releases[name];
if (!found) {
  console.error(`there is no release ${name}`);
  process.exit(2);
}
export const release = found;
