import { createHash } from "node:crypto";
import helmet from "helmet";
import { style } from "./style.ts";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const directives = {
  "default-src": ["'none'"],
  "style-src": [hashOf(style)],
  "img-src": ["'self'", "data:"],
  "form-action": ["'self'"],
  "base-uri": ["'none'"],
  "frame-ancestors": ["'none'"],
};

/**
 * Pages run no script and load nothing but themselves. The style sheet is in the page, allowed by its hash: while
 * two releases serve side by side, a page of one that linked to a file of the other would come out bare.
 */
export const securityHeaders = helmet({
  contentSecurityPolicy: { useDefaults: false, directives },
  // Whether the blog is reached by https is its proxy's to say.
  strictTransportSecurity: false,
});

/** For the one page that does run a script: this script, and it may ask this server. In the page too, as above. */
export const allowing = (more: { style: string; script: string }) =>
  helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      ...directives,
      "style-src": [...directives["style-src"], hashOf(more.style)],
      "script-src": [hashOf(more.script)],
      "connect-src": ["'self'"],
    },
  });
