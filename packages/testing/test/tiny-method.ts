import { add, clone, customGrad, div, matMul, mean, mul, norm, reshape, serialization, square, sub, tidy, variable } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { parametersOf } from '@selfsup/optim';
import type { Method } from '@selfsup/train';

export const inputShape = [4, 4, 1] as const;

/** The ways in which `tinyMethod` can be made to break the contract. */
export interface Faults {
  readonly leakGradientToTarget?: boolean;
  readonly forgetState?: boolean;
  readonly ignoreSeed?: boolean;
  readonly constantSeed?: boolean;
  readonly shareEncoder?: boolean;
  readonly nanMetric?: boolean;
  readonly metricNamedLoss?: boolean;
  readonly nanAfterStep?: boolean;
  readonly divideByZero?: boolean;
  readonly ignoreView?: boolean;
  readonly disposeView?: boolean;
  readonly trainInLoss?: boolean;
  readonly shuffleParameters?: boolean;
  readonly leakTensor?: boolean;
  readonly keepTarget?: boolean;
  readonly moveParameters?: boolean;
  readonly unusedParameter?: boolean;
  readonly parameterTimesZero?: boolean;
  readonly centreBatch?: boolean;
  readonly unknownLayer?: boolean;
  readonly keepMap?: boolean;
}

/** Subtracts the mean of the batch, in inference too. */
class CentreBatch extends layers.Layer {
  static readonly className: string = 'CentreBatch';
  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tidy(() => sub(x, mean(x, 0, true)));
  }
}
serialization.registerClass(CentreBatch);

/** Does nothing, under a name that nobody knows. */
class Unknown extends layers.Layer {
  static readonly className: string = 'Unknown';
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => clone(Array.isArray(inputs) ? inputs[0]! : inputs));
  }
}

let shared: LayersModel | undefined;

function buildEncoder(seed: number, faults: Faults): LayersModel {
  const drawn = faults.ignoreSeed ? Math.round(performance.now() * 1e6) % 1e6 : faults.constantSeed ? 1 : seed;
  const kernelInitializer = initializers.glorotUniform({ seed: drawn });
  const encoder = sequential({
    layers: [
      layers.flatten({ inputShape: [...inputShape], name: 'flatten' }),
      layers.dense({ units: 3, kernelInitializer, name: 'dense' }),
    ],
  });
  if (faults.centreBatch) encoder.add(new CentreBatch({ name: 'centre' }));
  if (faults.unknownLayer) encoder.add(new Unknown({ name: 'unknown' }));
  if (faults.keepMap) encoder.add(layers.reshape({ targetShape: [3, 1], name: 'reshape' }));
  return encoder;
}

/** A linear encoder that predicts a slowly following copy of itself: the smallest method with a target. */
export function tinyMethod(seed: number, faults: Faults = {}): Method<'a' | 'b'> {
  const encoder = faults.shareEncoder ? (shared ??= buildEncoder(seed, faults)) : buildEncoder(seed, faults);
  let calls = 0;
  const own = parametersOf(encoder, 'encoder');
  const targets: Variable[] = own.map(({ variable: from }) => tidy(() => variable(clone(from), false)));
  const extra = faults.unusedParameter || faults.parameterTimesZero ? [tidy(() => variable(clone(own[0]!.variable)))] : [];
  const parameters = [...own, ...extra.map((v) => ({ name: 'extra', variable: v, role: 'weight' as const, group: 'encoder' }))];
  const stop = (x: Tensor2D): Tensor2D =>
    faults.leakGradientToTarget ? x : customGrad<Tensor2D>(() => ({ value: clone(x), gradFunc: () => [] }))();
  const project = (x: Tensor4D): Tensor2D => add(matMul(reshape(x, [x.shape[0], 16]), targets[0] as Tensor2D), targets[1]!);
  const online = (x: Tensor4D): Tensor2D => reshape(encoder.apply(x, { training: true }) as Tensor, [x.shape[0], 3]);
  const direction = (x: Tensor4D, y: Tensor4D): Scalar => {
    const z = online(x);
    return mean(square(sub(faults.divideByZero ? div(z, norm(z)) : z, stop(project(y)))));
  };
  return {
    name: 'tiny',
    views: ['a', 'b'],
    encoder,
    parameters: () => (faults.shuffleParameters && calls++ % 2 === 1 ? parameters.toReversed() : parameters),
    loss: ({ a, b }) => {
      if (faults.leakTensor) variable(mean(a));
      if (faults.trainInLoss) own[0]!.variable.assign(tidy(() => mul(own[0]!.variable, 0.9)));
      const both = faults.ignoreView ? direction(a, a) : add<Scalar>(direction(a, b), direction(b, a));
      const loss = faults.parameterTimesZero ? add<Scalar>(both, mul(mean(extra[0]!), 0)) : both;
      if (faults.disposeView) b.dispose();
      const std = faults.nanMetric ? mul<Scalar>(loss, Number.NaN) : mul<Scalar>(loss, 1);
      return { loss, metrics: faults.metricNamedLoss ? { loss: std } : { std } };
    },
    afterStep: () => {
      tidy(() => {
        for (const [i, target] of targets.entries()) target.assign(add(mul(target, 0.9), mul(own[i]!.variable, 0.1)));
        if (faults.moveParameters) own[0]!.variable.assign(mul(own[0]!.variable, 0.5));
      });
      return faults.nanAfterStep ? { momentum: Number.NaN } : {};
    },
    state: () => (faults.forgetState ? [] : targets.map((target, i) => ({ name: `target/${i}`, variable: target }))),
    dispose: () => {
      if (!faults.shareEncoder) encoder.dispose();
      for (const v of extra) v.dispose();
      if (!faults.keepTarget) for (const target of targets) target.dispose();
    },
  };
}
