/** A colour of the style sheet, as it is now: it follows dark, light and paper. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** The same, partly transparent. */
export const faint = (name: string, share: number): string =>
  `color-mix(in srgb, ${colour(name)} ${share * 100}%, transparent)`;

/** Width of what stands left of the plots. */
export const gutter = (): number => Number.parseFloat(colour("gutter")) || 48;

export const font = (): string => `11px ${colour("font")}`;
