import { html, raw } from "hono/html";

/** Escaped HTML. `html` escapes every value put into it, except what is Html itself. */
export type Html = ReturnType<typeof html>;
export { html };

/** For what sanitize-html has been over, and for our own style sheets and script. Nothing else. */
export const trusted = raw;

export const nothing: Html = html``;
