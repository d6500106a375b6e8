/** Something that keeps a pod, or what should make one, from coming up. */
export interface Fault {
  /** Whose fault and which; the same each time it is seen. */
  key: string;
  /** Whose, why in Kubernetes' own words, and what to do about it where that is known. */
  text: string;
  /**
   * When there is no hope left: after it has lasted so long, as some pass by themselves; or once it has happened so often,
   * `at` being the last time.
   */
  final: { afterMs: number } | { times: number; at: Date };
  /** Whose last words say more. */
  log?: { name: string; container: string; previous: boolean };
}
