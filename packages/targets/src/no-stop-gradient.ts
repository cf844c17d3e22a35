import type { TargetStrategy } from './target.ts';

/**
 * SimSiam's ablation that collapses: the online network's own projection, with the gradient flowing through it.
 * @see Chen & He 2020, https://arxiv.org/abs/2011.10566, section 4.1
 */
export function noStopGradient(): TargetStrategy {
  return {
    name: 'noStopGradient',
    init: () => ({
      project: (_images, _views, onlineProjection) => onlineProjection,
      update: () => ({}),
      variables: [],
      dispose: () => {},
    }),
  };
}
