export const median = (values: readonly number[]) => percentile(values, 50);

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const round = (value: number, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;

/** 300000 as "300k", 1000000 as "1M". */
export const short = (rows: number) =>
  rows % 1_000_000 === 0 ? `${rows / 1_000_000}M` : rows % 1_000 === 0 ? `${rows / 1_000}k` : String(rows);

/** "10k,1M" as numbers. */
export function sizesFrom(text: string): number[] {
  return text.split(",").map((size) => {
    const [, digits, unit] = /^(\d+)([kM]?)$/.exec(size.trim()) ?? [];
    if (digits === undefined) throw new Error(`SIZES=${text}: write it as 10k,100k,1M.`);
    return Number(digits) * (unit === "M" ? 1_000_000 : unit === "k" ? 1_000 : 1);
  });
}
