// Run by `helm test` inside the cluster: the Service answers, with the version just deployed, through to the database.
const [service, version] = process.argv.slice(1);

for (const path of ["/readyz", "/api/posts"]) {
  const response = await fetch(`${service}${path}`, { signal: AbortSignal.timeout(5000) });
  const served = response.headers.get("x-app-version");
  console.log(`${path}: ${response.status}, served by ${served}`);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: see the log of the blog's pods`);
  if (served !== version)
    throw new Error(`${path} was served by ${served}, not ${version}: is the rollout finished?`);
}
