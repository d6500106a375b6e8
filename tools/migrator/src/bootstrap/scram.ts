import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/**
 * The form in which PostgreSQL stores a password (RFC 5803). Computed here, so that the password itself never is
 * part of a statement: statements end up in server logs, in pg_stat_activity and in error messages.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16), iterations = 4096): string {
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${hmac("Server Key").toString("base64")}`;
}
