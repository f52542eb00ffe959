/** Local storage that may be closed: reading then finds nothing, and writing is forgotten. */
export function stored(key: string): string | null {
  try {
    return localStorage.getItem(`latchkey.${key}`);
  } catch {
    return null;
  }
}

export function store(key: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(`latchkey.${key}`);
    else localStorage.setItem(`latchkey.${key}`, value);
  } catch {
    // Private windows: the choice holds until the page is closed.
  }
}
