import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A private certificate authority, and a certificate it signed for 127.0.0.1. Made for one test run, by openssl. */
export function makeAuthority() {
  const folder = mkdtempSync(join(tmpdir(), "wait-for-job-ca-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.crt"),
    "-subj",
    "/CN=test authority",
  );
  const leaf = ["-subj", "/CN=kube-apiserver", "-addext", "subjectAltName=IP:127.0.0.1"];
  const signer = ["-CA", file("ca.crt"), "-CAkey", file("ca.key")];
  openssl("req", "-x509", ...key, ...signer, "-keyout", file("tls.key"), "-out", file("tls.crt"), ...leaf);
  return {
    folder,
    caFile: file("ca.crt"),
    cert: readFileSync(file("tls.crt"), "utf8"),
    key: readFileSync(file("tls.key"), "utf8"),
  };
}
