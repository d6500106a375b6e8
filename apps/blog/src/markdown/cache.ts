/** The values used last, up to a sum of their sizes. */
export function createCache<V>(capacity: number, sizeOf: (value: V) => number) {
  // A Map keeps the order of insertion: what is used is put at its end, so what is at its beginning goes first.
  const values = new Map<string, V>();
  let size = 0;

  function remove(key: string): void {
    const value = values.get(key);
    if (value !== undefined && values.delete(key)) size -= sizeOf(value);
  }

  return {
    get(key: string): V | undefined {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set(key: string, value: V): void {
      remove(key);
      values.set(key, value);
      size += sizeOf(value);
      for (const [oldest] of values) {
        if (size <= capacity) return;
        remove(oldest);
      }
    },
    remove,
  };
}
