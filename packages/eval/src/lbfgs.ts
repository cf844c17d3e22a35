import { yieldToEvents } from './yield-to-events.ts';

/** A smooth function: answers f(x) and writes ∇f(x) to `gradient`. */
export type SmoothFunction = (x: Float64Array, gradient: Float64Array) => Promise<number>;

export interface LbfgsOptions {
  readonly maxIterations: number;
  /** Done when no entry of the gradient is larger than this. */
  readonly tolerance: number;
  /** Pairs of steps and gradient changes that stand for the Hessian. */
  readonly history?: number;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / stepᵀchange */
  readonly rho: number;
}

/**
 * Minimises a smooth convex function by limited-memory BFGS with a backtracking (Armijo) line search.
 * @see Nocedal & Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5
 */
export async function lbfgs(start: Float64Array, f: SmoothFunction, options: LbfgsOptions): Promise<LbfgsResult> {
  const { maxIterations, tolerance, history = 10 } = options;
  const pairs: Pair[] = [];
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = await f(x, gradient);
  let iterations = 0;
  while (iterations < maxIterations && largest(gradient) > tolerance) {
    const direction = descent(gradient, pairs);
    const slope = dot(gradient, direction);
    // The first direction has the gradient's length, which says nothing about how far to go.
    let length = pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)));
    let next = x;
    let nextValue = value;
    const nextGradient = new Float64Array(x.length);
    let accepted = false;
    for (let attempt = 0; attempt < 20 && !accepted; attempt++) {
      next = x.map((entry, i) => entry + length * direction[i]!);
      nextValue = await f(next, nextGradient);
      accepted = nextValue <= value + 1e-4 * length * slope;
      if (!accepted) length *= shrink(slope, value, nextValue, length);
    }
    // No decrease along a descent direction: the arithmetic of f is exhausted.
    if (!accepted) break;
    const step = next.map((entry, i) => entry - x[i]!);
    const change = nextGradient.map((entry, i) => entry - gradient[i]!);
    const curvature = dot(step, change);
    if (curvature > 1e-12 * dot(change, change)) {
      pairs.push({ step, change, rho: 1 / curvature });
      if (pairs.length > history) pairs.shift();
    }
    x = next;
    value = nextValue;
    gradient = nextGradient;
    iterations++;
    await yieldToEvents();
  }
  return { x, value, iterations, converged: largest(gradient) <= tolerance };
}

/** −H·gradient by the two-loop recursion. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.slice();
  const alphas: number[] = [];
  for (const { step, change, rho } of pairs.toReversed()) {
    const alpha = rho * dot(step, q);
    addScaled(q, -alpha, change);
    alphas.push(alpha);
  }
  const last = pairs.at(-1);
  const scale = last ? 1 / (last.rho * dot(last.change, last.change)) : 1;
  for (let i = 0; i < q.length; i++) q[i] = q[i]! * scale;
  for (const { step, change, rho } of pairs) {
    addScaled(q, alphas.pop()! - rho * dot(change, q), step);
  }
  return q.map((entry) => -entry);
}

/** Minimiser of the parabola through the known values and slope, kept within [0.1, 0.5] of the length tried. */
function shrink(slope: number, value: number, nextValue: number, length: number): number {
  const best = (-slope * length) / (2 * (nextValue - value - slope * length));
  return Number.isFinite(best) ? Math.min(0.5, Math.max(0.1, best)) : 0.1;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * source[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
