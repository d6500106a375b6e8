export { addCheckConstraint, type CheckOptions, dropCheckConstraint } from "./add-check-constraint.ts";
export { addColumnCopy, dropColumnCopy, type RenameOptions } from "./add-column-copy.ts";
export {
  addForeignKey,
  dropForeignKey,
  type ForeignKeyOptions,
  type ReferentialAction,
} from "./add-foreign-key.ts";
export { addUniqueConstraint, dropUniqueConstraint, type UniqueOptions } from "./add-unique-constraint.ts";
export { type BatchedResult, type BatchedSpec, batched } from "./batched.ts";
export { contextOf, type MigrationContext } from "./context.ts";
export { copyColumnBackfill } from "./copy-column-backfill.ts";
export { createIndex, type IndexOptions, type IndexPart } from "./create-index.ts";
export { dropIndex } from "./drop-index.ts";
export { dropOldColumn, restoreOldColumn } from "./drop-old-column.ts";
export { dropNotNull, type NotNullOptions, setNotNull } from "./set-not-null.ts";
