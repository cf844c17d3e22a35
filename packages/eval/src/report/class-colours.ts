/** Colours that differ in lightness too, for light and dark pages alike. */
const first = ['#4e79a7', '#f28e2b', '#e15759', '#3aa6a0', '#59a14f', '#d4a72c', '#b07aa1', '#ff7f9d', '#9c755f', '#8c8c94'];

/** One colour per class; beyond ten, hues a golden angle apart on three levels of lightness. */
export function classColours(count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, i) => first[i] ?? `hsl(${Math.round((i * 137.508) % 360)} 62% ${[44, 56, 66][i % 3]}%)`,
  );
}
