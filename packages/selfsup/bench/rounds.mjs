export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Medians of the steps of several sides, which take turns. */
export async function alternate(sides, rounds) {
  const seconds = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) seconds[index].push(await side.step());
  }
  return seconds.map(median);
}

/** A side whose step is `count` of the given one's. */
export const inTurns = (side, count) => ({ step: () => side.steps(count) });

export async function withSides(starts, use) {
  const sides = [];
  try {
    for (const start of starts) sides.push(await start());
    return await use(...sides);
  } finally {
    for (const side of sides) side.end();
  }
}
