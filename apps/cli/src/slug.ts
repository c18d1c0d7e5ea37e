// A short name for addresses, made from a name.

/** Small letters, digits and hyphens, 40 at most. */
export function slugOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return plain.replace(/^-+/, "").slice(0, 40).replace(/-+$/, "") || "unnamed";
}
