import type { Adapter } from "@schema-rollout/scripts/lib/load/adapter.ts";

export type Move = "create" | "edit" | "delete" | "read" | "page" | "list";

/**
 * What the next request is: `dice` is a number from 0 up to 1, `written` whether this virtual user has an entry of its
 * own. One that has none writes one first: with a light load each comes by only a few times, and most would
 * never have had anything to edit or read. Then the shares are: 15 % create, 10 % edit, 3 % delete, 32 % read, 15 % page, the rest
 * list. What the service does not have goes to reads.
 */
export function nextMove(
  dice: number,
  written: boolean,
  { edit, remove, page }: Pick<Adapter, "edit" | "remove" | "page">,
): Move {
  if (!written || dice < 0.15) return "create";
  if (dice < 0.25 && edit) return "edit";
  if (dice >= 0.25 && dice < 0.28 && remove) return "delete";
  if (dice < 0.6) return "read";
  if (dice < 0.75 && page) return "page";
  return "list";
}
