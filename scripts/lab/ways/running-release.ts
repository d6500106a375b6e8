import type { Place } from "../stand/place.ts";

/** What was deployed last, by its label: a release that failed half-way counts as running, too. */
export const runningRelease = (place: Place): Promise<string> =>
  place.kubectl(
    "get",
    "deployment/blog",
    "-o",
    "jsonpath={.spec.template.metadata.labels.app\\.kubernetes\\.io/version}",
  );
