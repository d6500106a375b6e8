export interface Figures {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const figuresOf = (values: readonly number[]): Figures => ({
  median: round(percentile(values, 50)),
  p99: round(percentile(values, 99)),
  max: round(Math.max(...values)),
});

export const round = (value: number, digits = 1) => Math.round(value * 10 ** digits) / 10 ** digits;
