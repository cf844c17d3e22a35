type Rule = readonly [pattern: RegExp, replacement: string];

/** Also the names of DINO, MAE and MoCo v3. */
const transformer: readonly Rule[] = [
  [/^class_token$/, 'cls_token'],
  [/^encoder\.pos_embedding$/, 'pos_embed'],
  [/^conv_proj\./, 'patch_embed.proj.'],
  [/^encoder\.ln\./, 'norm.'],
  [/^encoder\.layers\.encoder_layer_(\d+)\./, 'blocks.$1.'],
  [/\.ln_([12])\./, '.norm$1.'],
  [/\.self_attention\.in_proj_/, '.attn.qkv.'],
  [/\.self_attention\.out_proj\./, '.attn.proj.'],
  [/\.mlp\.0\./, '.mlp.fc1.'],
  [/\.mlp\.3\./, '.mlp.fc2.'],
];

const convNext: readonly Rule[] = [
  [/^features\.0\./, 'stem.'],
  [/\.block\.0\./, '.conv_dw.'],
  [/\.block\.2\./, '.norm.'],
  [/\.block\.3\./, '.mlp.fc1.'],
  [/\.block\.5\./, '.mlp.fc2.'],
  [/\.layer_scale$/, '.gamma'],
  [/^classifier\.0\./, 'head.norm.'],
];

/** torchvision counts stages and what shrinks before them in one row; timm counts stages alone. */
function convNextStages(name: string): string {
  const [, place, rest] = /^features\.(\d+)\.(.*)$/.exec(name) ?? [];
  if (place === undefined || rest === undefined) return name;
  const stage = Math.floor(Number(place) / 2);
  return Number(place) % 2 === 1 ? `stages.${stage}.blocks.${rest}` : `stages.${stage}.downsample.${rest}`;
}

/** Blocks of each stage of MobileNetV2. */
const mobileBlocks = [1, 2, 3, 4, 3, 3, 1];
/** The parts of a block with and without expansion, by torchvision's places. */
const expanded: Readonly<Record<string, string>> = { '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2', '2': 'conv_pwl', '3': 'bn3' };
const plain: Readonly<Record<string, string>> = { '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' };

function mobileNet(name: string): string {
  const [, place, part, rest] = /^features\.(\d+)\.(?:conv\.)?(\d(?:\.\d)?)\.(\w+)$/.exec(name) ?? [];
  if (place === undefined || part === undefined) return name;
  const norm = part === '1';
  if (place === '0') return `${norm ? 'bn1' : 'conv_stem'}.${rest}`;
  if (place === '18') return `${norm ? 'bn2' : 'conv_head'}.${rest}`;
  let index = Number(place) - 1;
  let stage = 0;
  while (index >= mobileBlocks[stage]!) index -= mobileBlocks[stage++]!;
  return `blocks.${stage}.${index}.${(stage === 0 ? plain : expanded)[part]}.${rest}`;
}

const rewrite = (rules: readonly Rule[], name: string): string => rules.reduce((result, [pattern, to]) => result.replace(pattern, to), name);

function renaming(names: readonly string[]): (name: string) => string {
  if (names.includes('encoder.ln.weight')) return (name) => rewrite(transformer, name);
  if (names.some((name) => name.endsWith('.layer_scale'))) return (name) => convNextStages(rewrite(convNext, name));
  if (names.some((name) => name.startsWith('features.1.conv.'))) return mobileNet;
  return (name) => name;
}

/**
 * What timm calls the weights that torchvision calls `names`, by torchvision's name. ResNets are called alike by both.
 *
 * @param names all weights of one network, as torchvision names them
 */
export function timmNames(names: readonly string[]): ReadonlyMap<string, string> {
  const rename = renaming(names);
  return new Map(names.map((name) => [name, rename(name)]));
}

/** The shape that timm gives a weight of torchvision's: a layer scale is `[channels]` there and `[channels, 1, 1]` in torchvision. */
export function timmShape(name: string, shape: readonly number[]): readonly number[] {
  return name.endsWith('.layer_scale') ? shape.slice(0, 1) : shape;
}
