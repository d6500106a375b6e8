import type { Cell } from "../cell.ts";

export const resultsPage = (cells: Cell[]): string => `<!doctype html><title>${cells.length} cells</title>`;
