/**
 * The seed of one layer, drawn from the seed of its network and the layer's name (FNV-1a, then murmur3's finaliser).
 *
 * Answers a positive 31-bit integer: tfjs's normal initialiser takes a seed of 0 for "no seed".
 *
 * @param seed the seed that `NetSpec.build` was given
 * @param name unique within the network: `layer1.0.conv1`
 */
export function layerSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${name}`) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & 0x7fffffff) || 1;
}
