/** How long a migration may go without a statement, outside a transaction. */
export const defaultIdleBudgetMs = 120_000;
