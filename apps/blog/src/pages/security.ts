import { createHash } from "node:crypto";
import helmet from "helmet";
import { style } from "./style.ts";

const styleHash = createHash("sha256").update(style).digest("base64");

/**
 * Pages run no script and load nothing but themselves. The style sheet is in the page, allowed by its hash: while
 * two releases serve side by side, a page of one that linked to a file of the other would come out bare.
 */
export const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      "default-src": ["'none'"],
      "style-src": [`'sha256-${styleHash}'`],
      "img-src": ["'self'", "data:"],
      "form-action": ["'self'"],
      "base-uri": ["'none'"],
      "frame-ancestors": ["'none'"],
    },
  },
  // Whether the blog is reached by https is its proxy's to say.
  strictTransportSecurity: false,
});
