export { contextOf, type MigrationContext } from "./context.ts";
