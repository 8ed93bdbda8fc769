/** The fields of an object as Azure ML's files spell them: max_total_trials. Pure. */
export function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(snakeCase);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [
        key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
        snakeCase(inner)
      ])
  );
}
