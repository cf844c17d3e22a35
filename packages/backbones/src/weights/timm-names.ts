/**
 * What timm calls the weights that torchvision calls `names`, by torchvision's name. ResNets are called alike by both.
 *
 * @param names all weights of one network, as torchvision names them
 */
export function timmNames(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, name]));
}
