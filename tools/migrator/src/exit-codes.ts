/**
 * What the process tells its caller. Kubernetes retries a Job's pod on any code that is not listed as final in the
 * Job's podFailurePolicy, so each code is either worth another try or final, never both.
 */
export const ExitCode = {
  Ok: 0,
  Usage: 2,
  LockHeld: 10,
  LockTimeout: 11,
  MigrationFailed: 20,
  RecordMismatch: 21,
  ContractGateClosed: 22,
  DatabaseMovedOn: 24,
  Unreachable: 30,
  Denied: 31,
  Interrupted: 130,
  Terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface ExitCodeMeaning {
  code: ExitCode;
  meaning: string;
  /** Whether starting the same command again may succeed with nothing repaired. */
  retry: boolean;
}

export const exitCodes: readonly ExitCodeMeaning[] = [
  { code: 0, meaning: "done, or nothing to do (also when the database is newer)", retry: false },
  { code: 2, meaning: "usage or configuration", retry: false },
  { code: 10, meaning: "another migrator (or bootstrap) held the lock until the end of --wait", retry: true },
  { code: 11, meaning: "lock_timeout retries used up", retry: true },
  { code: 20, meaning: "a migration (or command) failed or never ends, or lint: unsafe", retry: false },
  { code: 21, meaning: "record not found; checksum, order, duplicate or unknown migration", retry: false },
  { code: 22, meaning: "contract gate closed, or newer releases alive (rollback)", retry: false },
  { code: 24, meaning: "the database has moved past this release", retry: false },
  { code: 30, meaning: "cannot reach the database, or lost it on the way", retry: true },
  { code: 31, meaning: "login or privilege refused", retry: false },
  { code: 130, meaning: "stopped by SIGINT; nothing half-applied is left", retry: true },
  { code: 143, meaning: "stopped by SIGTERM; nothing half-applied is left", retry: true },
];
