import MarkdownIt from "markdown-it";
import sanitizeHtml from "sanitize-html";

// Of the parsers tried, the one whose work stays in proportion to the text for what makes others take minutes: runs of
// emphasis, brackets, backticks, nested quotes and lists. What nests deeper than 20 is shown as text.
const markdown = new MarkdownIt({ html: true, linkify: true, maxNesting: 20 });
// A name with a dot is more often a file than an address.
markdown.linkify.set({ fuzzyLink: false });
// Which addresses a link may lead to is decided below, for what is written as HTML as well.
markdown.validateLink = () => true;

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
    s: "del",
    a: sanitizeHtml.simpleTransform("a", { rel: "nofollow noopener" }),
  },
};

/** Ten times the largest text. A few characters can ask for far more: a table's rows, a long address named often. */
const longest = 1_000_000;

/** What may be made of a post's text. */
export const renderings = {
  /** All of it. Whoever may write a post may not write script: all but plain markup is taken out. */
  article(text: string): string {
    return sanitizeHtml(withinBounds(markdown.render(text)), allowed);
  },

  /** The first paragraph without markup, for lists; the style sheet cuts it to a few lines. */
  excerpt(text: string): string {
    const paragraph = text.split(/\n\s*\n/).find((part) => /^[^#>\-*`|\s]/.test(part)) ?? text;
    const markup = markdown.renderInline(paragraph.slice(0, 600));
    return sanitizeHtml(withinBounds(markup), { allowedTags: [], allowedAttributes: {} });
  },
};

export type Rendering = keyof typeof renderings;

function withinBounds(markup: string): string {
  if (markup.length > longest) throw new Error(`becomes ${markup.length} characters of HTML`);
  return markup;
}
