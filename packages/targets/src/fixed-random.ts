import { withoutGradient } from './detach.ts';
import type { TargetStrategy } from './target.ts';

/**
 * The BYOL paper's fixed random target: a network of the same architecture whose drawn weights never change.
 *
 * Its batch normalisation still uses, and keeps running statistics of, its own batches.
 * @see Grill et al. 2020, https://arxiv.org/abs/2006.07733, section 3 and table 5a (18.8 % top-1 on ImageNet, against 1.4 % of the target)
 */
export function fixedRandom(): TargetStrategy {
  return {
    name: 'fixedRandom',
    init: (online, seed) => {
      const target = online.twin(seed);
      return {
        project: (images, views) => withoutGradient(() => target.project(images, views)),
        update: () => ({}),
        variables: [...target.parameters, ...target.statistics],
        dispose: target.dispose,
      };
    },
  };
}
