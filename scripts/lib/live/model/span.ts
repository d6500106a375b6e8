/** A time; `to` is infinite while it lasts. */
export interface Span {
  from: number;
  to: number;
}

export const open = Number.POSITIVE_INFINITY;

/** Where two times meet, if they do. */
export function overlap(one: Span, other: Span): Span[] {
  const span = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
  return span.from < span.to ? [span] : [];
}

/** Times that touch, or are no further apart than `gapMs`, become one. */
export function merged(spans: Span[], gapMs: number): Span[] {
  const all: Span[] = [];
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && span.from <= last.to + gapMs) last.to = Math.max(last.to, span.to);
    else all.push({ ...span });
  }
  return all;
}

/** What is left of a time, in pieces. */
export const without = (span: Span, taken: Span[]): Span[] =>
  taken.reduce(
    (pieces, { from, to }) =>
      pieces.flatMap((piece) => [
        ...overlap(piece, { from: 0, to: from }),
        ...overlap(piece, { from: to, to: open }),
      ]),
    [span],
  );
