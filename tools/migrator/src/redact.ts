const secrets = new Set<string>();

/**
 * Makes the passwords in a text known (a URL, or an argument that holds one), so that no output repeats them. Nothing we
 * write contains one; this is for what we pass on: a migration's own message, the driver's.
 */
export function keepSecret(text: string | undefined): void {
  if (text === undefined) return;
  for (const password of passwordsIn(text)) {
    for (const plain of [password, decoded(password)]) {
      // Whoever knows the user or the database knows this one too; without it their names would be blackened.
      if (namesIn(text).includes(plain)) continue;
      // As it is, and as it looks in a line of JSON.
      for (const shown of [plain, JSON.stringify(plain).slice(1, -1)]) {
        // A password this short would blacken ordinary words and protects nothing.
        if (shown.length >= 6) secrets.add(shown);
      }
    }
  }
}

/** In statements: `PASSWORD '…'` of a role, `password '…'` of a user mapping, `password=…` in a connection string. */
const inStatements = [
  /(\bpassword\s*(?:=>?|:=)?\s*)(?:E|U&)?'(?:[^'\\]|''|\\.)*(?:'|$)/gi,
  /(\bpassword\s*(?:=>?|:=)?\s*)\$(\w*)\$[\s\S]*?(?:\$\2\$|$)/gi,
  /(\bpassword\s*=\s*)(?!\*\*\*)[^\s'"&;,)]+/gi,
];

/** For what others wrote: the passwords wherever they stand. */
export function redact(text: string): string {
  let clean = redactUrls(text);
  for (const password of inStatements) clean = clean.replace(password, "$1***");
  for (const secret of secrets) clean = clean.replaceAll(secret, "***");
  return clean;
}

/** For what we wrote: only URLs, so that a password that is an ordinary word does not blacken our own words. */
export function redactUrls(text: string): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(`:${secret}@`, ":***@").replaceAll(`password=${secret}`, "password=***");
  }
  // Any other URL; what we write ourselves to show its form says PASSWORD.
  return clean.replace(/(\w:\/\/[^\s:/@"']*):(?!PASSWORD@)[^\s@"']+@/g, "$1:***@");
}

/** Facts whose values are ours: words of ours, and names that were given to us. Every other one may be foreign. */
const ours = new Set(
  "level time event name migration phase state outcome mode code schema role user database file path next".split(
    " ",
  ),
);

/** A replacer for JSON.stringify: keys stay, values are redacted unless they are ours. */
export function redacted(key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  return ours.has(key) ? redactUrls(value) : redact(value);
}

/** As written, even where the URL is none; as URL writes it; and from its query, where the driver reads one too. */
function passwordsIn(text: string): string[] {
  const [, written] = /:\/\/[^/:@\s]*:(.*)@/s.exec(text) ?? [];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return [written, url?.password, url?.searchParams.get("password")].filter((found) =>
    Boolean(found),
  ) as string[];
}

function namesIn(text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url === undefined ? [] : [url.username, url.pathname.slice(1)].map(decoded);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
