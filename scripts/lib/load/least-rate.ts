/** Requests per second. With fewer, what a verdict needs would take longer than most proofs do: 2,000 are 50 s of these. */
export const least = 40;
