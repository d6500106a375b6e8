const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** Node's timers overflow beyond 2^31-1 ms and would then fire at once. */
const LONGEST = 24 * 24 * UNITS.h;

/** `10m`, `90s`, `1h30m`, `500ms` in milliseconds; undefined when it is none of these, zero, or above 24 days. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,9}(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h)/g)) {
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return total > 0 && total <= LONGEST ? total : undefined;
}

/** The shortest way to write it: 90000 is `1m30s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join("");
}
