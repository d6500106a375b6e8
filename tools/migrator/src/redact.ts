const secrets = new Set<string>();

/**
 * Makes the passwords in a text known (a URL, or an argument that holds one), so that no output repeats them. Nothing we
 * write contains one; this is for what we pass on: a migration's own message, the driver's.
 */
export function keepSecret(text: string | undefined): void {
  if (text === undefined) return;
  for (const password of passwordsIn(text)) {
    for (const plain of [password, decoded(password)]) {
      // As it is, and as it looks in a line of JSON.
      for (const shown of [plain, JSON.stringify(plain).slice(1, -1)]) {
        // A password this short would blacken ordinary words and protects nothing.
        if (shown.length >= 6) secrets.add(shown);
      }
    }
  }
}

export function redact(text: string): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, "***");
  // Any other URL; what we write ourselves to show its form says PASSWORD.
  return clean.replace(/(\w:\/\/[^\s:/@"']*):(?!PASSWORD@)[^\s@"']+@/g, "$1:***@");
}

/** As written, even where the URL is none; as URL writes it; and from its query, where the driver reads one too. */
function passwordsIn(text: string): string[] {
  const [, written] = /:\/\/[^/:@\s]*:(.*)@/s.exec(text) ?? [];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return [written, url?.password, url?.searchParams.get("password")].filter((found) =>
    Boolean(found),
  ) as string[];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
