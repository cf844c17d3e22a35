// How much of one core's peak with 128-bit vectors the matrix product reaches.
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

// Multiply-adds on ten independent registers, enough to keep two units of four cycles' latency busy.
const accumulators = 10;
const letters = Array.from({ length: accumulators }, (_, i) => `a${i}`);
const source = (madd) => `export function peak(n: i32): f32 {
  const x = v128.load(0), y = v128.load(16);
  let ${letters.map((name) => `${name} = v128.load(32)`).join(', ')};
  for (; n > 0; n--) { ${letters.map((name) => `${name} = ${madd(name)};`).join(' ')} }
  return f32x4.extract_lane(${letters.reduce((sum, name) => `f32x4.add(${sum}, ${name})`)}, 0);
}`;

/** A function that answers the floating-point operations per second of one run, fused where the engine's kernels are. */
async function peakLoop(relaxed) {
  const text = source((name) => (relaxed ? `f32x4.relaxed_madd(x, y, ${name})` : `f32x4.add(${name}, f32x4.mul(x, y))`));
  const output = join(tmpdir(), `backend-wasm-peak-${process.pid}.wasm`);
  const flags = ['-O3', '--runtime', 'stub', '--initialMemory', '1', '--enable', 'simd', '--enable', 'relaxed-simd'];
  const { error, stderr } = await asc.main(['peak.ts', '--outFile', output, ...flags], { readFile: (name) => (name === 'peak.ts' ? text : null) });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  const { peak } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(output))).exports;
  rmSync(output);
  const loops = 2_000_000;
  return () => {
    const start = performance.now();
    peak(loops);
    return (loops * accumulators * 8) / ((performance.now() - start) / 1000);
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const size = 1024;
const kinds = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));

/** Names of the rows of this benchmark. */
export const peakShareNames = kinds.map(({ transposeA, transposeB }) => `gemm/peak-share-${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'}`);

/** One row for each way to transpose A and B: product and peak take turns on one thread. */
export async function* peakShares({ createEngine, matMul, relaxed, rounds, names }) {
  const engine = createEngine({ threads: 1, relaxed });
  const peak = await peakLoop(engine.relaxed);
  const at = [1, 2, 3].map(() => engine.alloc(4 * size ** 2));
  engine.f32.fill(0.5, at[0] / 4, at[2] / 4 + size ** 2);
  const product = (transposes) => {
    const start = performance.now();
    matMul(engine, ...at, { m: size, k: size, n: size, ...transposes });
    return (2 * size ** 3) / ((performance.now() - start) / 1000);
  };
  for (const [index, transposes] of kinds.entries()) {
    if (!names.includes(peakShareNames[index])) continue;
    for (let i = 0; i < 3; i++) {
      peak();
      product(transposes);
    }
    const rates = Array.from({ length: rounds }, () => [peak(), product(transposes)]);
    const [ours, whole] = [1, 0].map((column) => median(rates.map((row) => row[column])) / 1e9);
    yield { name: peakShareNames[index], ours, peer: whole, unit: 'GFLOP/s, and the peak', ratio: ours / whole, goal: 0.8, holds: ours / whole >= 0.8 };
  }
  engine.dispose();
}
