import { Marked } from "marked";
import sanitizeHtml from "sanitize-html";
import { type Html, trusted } from "../pages/html.ts";

const marked = new Marked({ gfm: true });

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...["h2", "h3", "h4", "h5", "h6", "p", "blockquote", "ul", "ol", "li", "hr", "br", "pre", "code"],
    ...["a", "em", "strong", "del", "table", "thead", "tbody", "tr", "th", "td"],
  ],
  allowedAttributes: { a: ["href", "title", "rel"], ol: ["start"], th: ["align"], td: ["align"] },
  allowedSchemes: ["http", "https", "mailto"],
  allowProtocolRelative: false,
  transformTags: {
    // The page's one h1 is the post's title.
    h1: "h2",
    a: sanitizeHtml.simpleTransform("a", { rel: "nofollow noopener" }),
  },
};

/** Markdown as HTML. Whoever may write a post may not write script: all but plain markup is taken out. */
export const renderMarkdown = (body: string): Html =>
  trusted(sanitizeHtml(marked.parse(body, { async: false }), allowed));

/** The first paragraph without markup, for lists; the style sheet cuts it to a few lines. */
export function excerpt(body: string): Html {
  const paragraph = body.split(/\n\s*\n/).find((part) => /^[^#>\-*`|\s]/.test(part)) ?? body;
  const markup = marked.parseInline(paragraph.slice(0, 600), { async: false });
  return trusted(sanitizeHtml(markup, { allowedTags: [], allowedAttributes: {} }));
}
