import { raw, html as template } from "hono/html";

/** Escaped HTML; what is put into it is escaped, unless it is Html itself. */
export type Html = ReturnType<typeof raw>;

export const html = (parts: TemplateStringsArray, ...values: unknown[]): Html =>
  // Of promises it would make a promise; there are none here.
  template(parts, ...values) as Html;

/** For our own script and style sheet, and for JSON made safe. Nothing else. */
export const trusted = raw;

export const nothing: Html = html``;

/** JSON that cannot end the script element it stands in. */
export const safeJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");
