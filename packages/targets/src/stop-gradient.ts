import { detach } from './detach.ts';
import type { TargetStrategy } from './target.ts';

/**
 * SimSiam's target: the online network's own projection behind a stop-gradient.
 * @see Chen & He 2020, https://arxiv.org/abs/2011.10566, eq. 3
 */
export function stopGradient(): TargetStrategy {
  return {
    name: 'stopGradient',
    init: () => ({
      project: (_images, _views, onlineProjection) => detach(onlineProjection),
      update: () => ({}),
      variables: [],
      dispose: () => {},
    }),
  };
}
