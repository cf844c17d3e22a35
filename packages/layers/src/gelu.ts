import { add, customGrad, div, erf, exp, mul, serialization, square, sub, tanh, tidy } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { hasKernel, runKernel } from './fused.ts';
import { only, onlyShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface GeluOptions {
  /** The tanh formula of BERT and GPT-2 instead of the exact one. */
  readonly approximate?: boolean;
  readonly name?: string;
}

/** √(2/π) and the cubic term of the tanh formula. */
const root = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** x·Φ(x), differentiable: fused where the backend has `SelfsupGelu` and `SelfsupGeluGrad`, composed where it has not. */
export function geluOf(x: Tensor, approximate: boolean): Tensor {
  const operation = customGrad((...operands: (Tensor | GradSaveFunc)[]) => {
    (operands.at(-1) as GradSaveFunc)([x]);
    const value = hasKernel('SelfsupGelu') ? runKernel('SelfsupGelu', { x }, { approximate })[0]! : mul(x, gate(x, approximate));
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor =>
      tidy(() => {
        const [input] = saved as [Tensor];
        return hasKernel('SelfsupGeluGrad') ? runKernel('SelfsupGeluGrad', { dy, x: input }, { approximate })[0]! : mul(dy, slope(input, approximate));
      });
    return { value, gradFunc };
  });
  return operation(x);
}

/** tanh(√(2/π)·(x + 0.044715·x³)) */
const bend = (x: Tensor): Tensor => tanh(mul(mul(x, root), add(mul(square(x), cubic), 1)));

/** Φ(x), or its tanh formula. */
function gate(x: Tensor, approximate: boolean): Tensor {
  return mul(add(approximate ? bend(x) : erf(div(x, Math.SQRT2)), 1), 0.5);
}

/** d/dx x·Φ(x) = Φ(x) + x·φ(x) */
function slope(x: Tensor, approximate: boolean): Tensor {
  if (!approximate) return add(gate(x, false), mul(x, mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))));
  const t = bend(x);
  const inner = mul(add(mul(square(x), 3 * cubic), 1), 0.5 * root);
  return add(mul(add(t, 1), 0.5), mul(mul(x, inner), sub(1, square(t))));
}

class Gelu extends layers.Layer {
  static className = 'SelfsupGelu';
  private readonly approximate: boolean;

  constructor(options: GeluOptions = {}) {
    super({ ...options });
    this.approximate = options.approximate ?? false;
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => geluOf(only(inputs), this.approximate));
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), approximate: this.approximate };
  }
}
serialization.registerClass(Gelu);

/**
 * The Gaussian error linear unit: y = x·Φ(x), Φ the distribution function of the standard normal; or with `approximate`
 * y = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
 *
 * @see Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415; torch.nn.GELU
 */
export function gelu(options: GeluOptions = {}): layers.Layer {
  return new Gelu(options);
}
