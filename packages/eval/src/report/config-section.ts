import { escapeHtml } from './escape.ts';

export function configSection(config: Readonly<Record<string, string | number | boolean>>): string {
  const entries = Object.entries(config);
  if (entries.length === 0) return '';
  const items = entries.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd></div>`);
  return `<details class="config" open><summary>Configuration (${entries.length})</summary><dl>${items.join('')}</dl></details>`;
}
