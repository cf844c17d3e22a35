import { add, clone, customGrad, matMul, mean, mul, reshape, square, sub, tidy, variable } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { parametersOf } from '@selfsup/optim';
import type { Method } from '@selfsup/train';

export const inputShape = [4, 4, 1] as const;

/** The ways in which `tinyMethod` can be made to break the contract. */
export interface Faults {
  readonly leakGradientToTarget?: boolean;
  readonly forgetState?: boolean;
  readonly ignoreSeed?: boolean;
  readonly nanMetric?: boolean;
  readonly leakTensor?: boolean;
  readonly keepTarget?: boolean;
  readonly moveParameters?: boolean;
  readonly unusedParameter?: boolean;
}

/** A linear encoder that predicts a slowly following copy of itself: the smallest method with a target. */
export function tinyMethod(seed: number, faults: Faults = {}): Method<'a' | 'b'> {
  const drawn = faults.ignoreSeed ? Math.round(performance.now() * 1e6) % 1e6 : seed;
  const kernelInitializer = initializers.glorotUniform({ seed: drawn });
  const encoder = sequential({
    layers: [
      layers.flatten({ inputShape: [...inputShape], name: 'flatten' }),
      layers.dense({ units: 3, kernelInitializer, name: 'dense' }),
    ],
  });
  const own = parametersOf(encoder, 'encoder');
  const targets: Variable[] = own.map(({ variable: from }) => tidy(() => variable(clone(from), false)));
  const extra = faults.unusedParameter ? [tidy(() => variable(clone(own[0]!.variable)))] : [];
  const parameters = [...own, ...extra.map((v) => ({ name: 'extra', variable: v, role: 'weight' as const, group: 'encoder' }))];
  const stop = (x: Tensor2D): Tensor2D =>
    faults.leakGradientToTarget ? x : customGrad<Tensor2D>(() => ({ value: clone(x), gradFunc: () => [] }))();
  const project = (x: Tensor4D): Tensor2D => add(matMul(reshape(x, [x.shape[0], 16]), targets[0] as Tensor2D), targets[1]!);
  const direction = (x: Tensor4D, y: Tensor4D): Scalar =>
    mean(square(sub(encoder.apply(x, { training: true }) as Tensor2D, stop(project(y)))));
  return {
    name: 'tiny',
    views: ['a', 'b'],
    encoder,
    parameters: () => parameters,
    loss: ({ a, b }) => {
      if (faults.leakTensor) variable(mean(a));
      const loss = add<Scalar>(direction(a, b), direction(b, a));
      return { loss, metrics: { std: faults.nanMetric ? mul<Scalar>(loss, Number.NaN) : mul<Scalar>(loss, 1) } };
    },
    afterStep: () => {
      tidy(() => {
        for (const [i, target] of targets.entries()) target.assign(add(mul(target, 0.9), mul(own[i]!.variable, 0.1)));
        if (faults.moveParameters) own[0]!.variable.assign(mul(own[0]!.variable, 0.5));
      });
    },
    state: () => (faults.forgetState ? [] : targets.map((target, i) => ({ name: `target/${i}`, variable: target }))),
    dispose: () => {
      encoder.dispose();
      for (const v of extra) v.dispose();
      if (!faults.keepTarget) for (const target of targets) target.dispose();
    },
  };
}
