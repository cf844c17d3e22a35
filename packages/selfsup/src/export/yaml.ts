/** What YAML of a model card holds. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml };

/** A value as block YAML, two spaces a level; texts are quoted as in JSON, which is YAML too, and lists of numbers stay on one line. */
export function yaml(value: Readonly<Record<string, Yaml>>): string {
  return linesOf(value).join('\n');
}

function linesOf(value: Readonly<Record<string, Yaml>>): string[] {
  return Object.entries(value).flatMap(([key, part]) => {
    if (Array.isArray(part) && part.some((item) => typeof item === 'object' && item !== null)) {
      return [`${key}:`, ...part.flatMap((item: Yaml) => linesOf(item as Record<string, Yaml>).map((line, at) => (at === 0 ? `- ${line}` : `  ${line}`)))];
    }
    if (typeof part === 'object' && part !== null && !Array.isArray(part)) return [`${key}:`, ...linesOf(part as Record<string, Yaml>).map((line) => `  ${line}`)];
    return [`${key}: ${JSON.stringify(part)}`];
  });
}
