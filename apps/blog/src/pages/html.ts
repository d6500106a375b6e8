import { html, raw } from "hono/html";

/** Escaped HTML. `html` escapes every value put into it, except what is Html itself. */
export type Html = ReturnType<typeof html>;
export { html };

/** For what sanitize-html has been over, and for our own style sheets and script. Nothing else. */
export const trusted = raw;

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A long text, escaped as `html` does it, but in one piece: `html` adds up a string for each character escaped, which
 * for a post of nothing else are megabytes.
 */
export const escaped = (text: string): Html =>
  raw(text.replace(/[&<>"']/g, (character) => entities[character] ?? ""));

export const nothing: Html = html``;
