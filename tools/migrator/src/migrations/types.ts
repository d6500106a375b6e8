import type { MigrationInterface } from "typeorm";

export const phases = ["expand", "backfill", "contract"] as const;

/** When a migration is safe: before the new code runs, while it takes over, or once no older code is left. */
export type Phase = (typeof phases)[number];

export interface ManifestEntry {
  /** What TypeORM records in `migrations.name`: the class name, or the instance's own `name`. */
  name: string;
  /** The last 13 digits of the name: milliseconds since 1970. */
  timestamp: number;
  phase: Phase;
  /** SHA-256 (hex) of the migration's source file. */
  sha256: string;
  /** File name of the built migration, in the manifest's folder. */
  file: string;
}

/** The content of `migrations.json`, written when a release is built. */
export interface Manifest {
  version: 1;
  /** The last expand migration: what a pod of this release needs to find recorded. */
  schemaKey: string;
  /** Timestamp of the last migration of any phase, 13 digits. */
  level: string;
  migrations: ManifestEntry[];
}

export interface LoadedMigration extends ManifestEntry {
  /** Absolute path of the file it was loaded from. */
  path: string;
  /** False when the class says `transaction = false`: it runs outside a transaction and must be repeatable. */
  transactional: boolean;
  /**
   * A contract step's lowest level that may still be alive when it runs: its own timestamp, or the lower `needs` of its
   * class. Undefined for the other phases.
   */
  needs: number | undefined;
  /** The tables that a contract step changes, where its class says so: only who may write them holds its gate closed. */
  touches: readonly string[] | undefined;
  instance: MigrationInterface;
}
