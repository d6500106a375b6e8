/** What stands for a secret. */
const HIDDEN = "***";

/**
 * Text of others, without the passwords in it: those of URLs, whatever follows password=, token: and their like, and
 * those that are known. Rather a word too much than one too little: this ends where many can read it. The text must
 * be whole, since the form of what was cut cannot be told.
 */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, HIDDEN);
  return (
    clean
      // Up to the last @ of the word: an unescaped password may hold "@" and "/".
      .replace(/(\w:\/\/[^\s:/@]*):[^\s"']*@/g, `$1:${HIDDEN}@`)
      // A password with a space in it; and a URL that is not complete, unless what follows is a port.
      .replace(/(\bpostgres(?:ql)?:\/\/[^\s:/@]*):(?!\*\*\*@)[^\n"']*@/gi, `$1:${HIDDEN}@`)
      .replace(/(\bpostgres(?:ql)?:\/\/[^\s:/@]*):(?!\*\*\*@|\d{1,5}(?:[/?\s"',;)]|$))\S*/gi, `$1:${HIDDEN}`)
      .replace(ASSIGNED, `$1${HIDDEN}`)
      .replace(/(\bpassword\s+)(?:E?'(?:[^']|'')*'|\$\$.*?\$\$)/gi, `$1${HIDDEN}`)
      .replace(/(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}/gi, `$1${HIDDEN}`)
  );
}

/** `password=…`, `"password": "…"`, `PGPASSWORD: '…'`, `password => …`, quotes escaped or not. */
const ASSIGNED =
  /((?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key)[\w-]*["'\\]*\s*(?:=>?|:)\s*)(?:\\?"(?:[^"\\]|\\[^"])*\\?"|'(?:[^'\\]|\\.|'')*'|[^\s,;&}]+)/gi;

/** The password of a URL in every form in which others may repeat it. */
export function passwordsOf(url: string | undefined): string[] {
  if (url === undefined) return [];
  const parsed = URL.parse(url);
  const password = parsed?.password ?? "";
  const all = [url, password, decoded(password), parsed?.searchParams.get("password") ?? ""];
  // Longest first: one may be a part of another.
  return [...new Set(all)].filter(Boolean).sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
