/** Which row a key moves to, or null if the key does not move. Letters find by name. Pure. */
export function nextRow(
  rows: readonly { id: string; name: string }[],
  current: string,
  key: string
): string | null {
  const last = rows.length - 1;
  const at = rows.findIndex(row => row.id === current);
  const idAt = (index: number) => rows[index]?.id ?? null;
  switch (key) {
    case 'ArrowDown':
      return idAt(Math.min(last, at + 1));
    case 'ArrowUp':
      return idAt(Math.max(0, at - 1));
    case 'Home':
      return idAt(0);
    case 'End':
      return idAt(last);
  }
  if (key.length !== 1 || !/\S/.test(key)) {
    return null;
  }
  const letter = key.toLowerCase();
  for (let step = 1; step <= rows.length; step += 1) {
    const row = rows[(at + step) % rows.length];
    if (row?.name.toLowerCase().startsWith(letter)) {
      return row.id;
    }
  }
  return null;
}
