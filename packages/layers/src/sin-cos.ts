/**
 * The position table of MAE `[prefix + rows·columns, dim]`: for the patch in row r and column c, with ω_i = 10000^(−i/(dim/4)),
 * [sin c·ω, cos c·ω, sin r·ω, cos r·ω]; zeros for what comes before the patches.
 *
 * @see facebookresearch/mae `util/pos_embed.py`
 */
export function sinCosTable([rows, columns]: readonly [number, number], prefix: number, dim: number): Float32Array {
  const table = new Float32Array((prefix + rows * columns) * dim);
  const quarter = dim / 4;
  for (let token = 0; token < rows * columns; token++) {
    const start = (prefix + token) * dim;
    for (const [half, position] of [token % columns, Math.floor(token / columns)].entries()) {
      for (let i = 0; i < quarter; i++) {
        const angle = position / 10_000 ** (i / quarter);
        table[start + 2 * half * quarter + i] = Math.sin(angle);
        table[start + (2 * half + 1) * quarter + i] = Math.cos(angle);
      }
    }
  }
  return table;
}
