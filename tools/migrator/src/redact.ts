const secrets = new Set<string>();

/**
 * Makes a URL's password known, so that no output repeats it. Nothing we write contains one; this is for what we
 * pass on: a migration's own message, the driver's.
 */
export function keepSecret(url: string | undefined): void {
  if (url === undefined || !URL.canParse(url)) return;
  const { password } = new URL(url);
  // A password this short would blacken ordinary words and protects nothing.
  if (password.length >= 6) secrets.add(password).add(decodeOr(password));
}

export function redact(text: string): string {
  let clean = text.replace(/(\w:\/\/[^\s:/@"']*):[^\s@"']+@/g, "$1:***@");
  for (const secret of secrets) clean = clean.replaceAll(secret, "***");
  return clean;
}

function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
