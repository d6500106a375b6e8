/** How much longer than the first pause the later ones become. */
const AT_MOST = 2;

/**
 * How long to wait before the database is asked again, after so many looks that told nothing new: half as long again
 * each time, up to twice. `spread` (0 to 1, drawn for each look) moves it by half of itself either way: the pods of a
 * rollout start together, and must not come back together each time.
 */
export function pace(every: number, looks: number, spread: number): number {
  return every * Math.min(AT_MOST, 1.5 ** looks) * (0.5 + spread);
}
