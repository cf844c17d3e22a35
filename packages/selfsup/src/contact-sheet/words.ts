import type { Adjustment, AnyOp, Box, ErasingParams, GaussianBlurParams, Json, SolarizeParams, ViewParameters, ViewPipeline } from '@selfsup/augment';

/** Three figures, without zeros behind them. */
const figure = (value: number): string => String(Number(value.toPrecision(3)));

const box = ({ top, left, height, width }: Box): string => `${height}×${width} at row ${top}, col ${left}`;

const adjustment = ({ adjust, by }: Adjustment): string =>
  adjust === 'hue' ? `hue ${by < 0 ? '–' : '+'}${figure(360 * Math.abs(by))}°` : `${adjust} ×${figure(by)}`;

/** What ops drew, in words; ops that are not here are told by their name and numbers. */
const paramsOf: Readonly<Record<string, (params: never) => readonly string[]>> = {
  randomResizedCrop: (params: Box) => [`crop ${box(params)}`],
  randomFlip: () => ['flip'],
  colorJitter: (params: readonly Adjustment[]) => params.map(adjustment),
  grayscale: () => ['gray'],
  gaussianBlur: ({ sigma }: GaussianBlurParams) => [`blur σ ${figure(sigma)} px`],
  solarize: ({ threshold }: SolarizeParams) => [`solarize from ${figure(threshold)}`],
  cutout: (params: Box) => [`cutout ${box(params)}`],
  randomErasing: (params: ErasingParams) => [`erase ${box(params)}`],
};

/** `angle 3, translate 1 2` */
function plain(value: Json): string {
  if (typeof value === 'number') return figure(value);
  if (Array.isArray(value)) return value.map(plain).join(' ');
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([name, inner]) => `${name} ${plain(inner)}`).join(' ');
  return String(value);
}

const describedOp = (name: string, params: Json): readonly string[] =>
  paramsOf[name]?.(params as never) ?? [`${name} ${plain(params)}`.trimEnd()];

type OptionsOfOp = { readonly name: string; readonly options: Json };

/** The ops inside an op that is made of ops: what `compose`, `oneOf` and `randomOrder` say of themselves. */
function innerOps(options: Json): readonly OptionsOfOp[] | null {
  const ops = typeof options === 'object' && options !== null && 'ops' in options ? options.ops : options;
  const isOp = (each: Json): boolean => typeof each === 'object' && each !== null && 'name' in each && 'options' in each;
  return Array.isArray(ops) && ops.length > 0 && ops.every(isOp) ? (ops as readonly OptionsOfOp[]) : null;
}

/** What `withProbability` says of itself. */
function probabilityOf(options: Json): { readonly probability: number; readonly inner: Json } | null {
  if (typeof options !== 'object' || options === null || !('probability' in options) || !('op' in options)) return null;
  return { probability: options.probability as number, inner: options.op as Json };
}

function opParams({ name, options }: OptionsOfOp, params: Json): readonly string[] {
  if (params === null) return [];
  const inside = probabilityOf(options)?.inner ?? options;
  const inner = innerOps(inside);
  if (!inner || !Array.isArray(params)) return describedOp(name, params);
  return (params as readonly { readonly op: number; readonly params: Json }[]).flatMap((choice) => opParams(inner[choice.op]!, choice.params));
}

/** What a view drew, in words and in order of application: `['crop 20×18 at row 3, column 7', 'flip', 'blur σ 1.2 px']`. */
export function paramsInWords({ ops }: ViewPipeline, params: ViewParameters): readonly string[] {
  return params.flatMap((drawn, place) => opParams(ops[place]!, drawn.params));
}

const percent = (share: number): string => `${figure(100 * share)} %`;

/** What ops may draw, in words. */
const optionsOf: Readonly<Record<string, (options: never) => string>> = {
  randomResizedCrop: ({ scale, interpolation }: { scale: readonly [number, number]; interpolation: string }) =>
    `crop ${figure(100 * scale[0])}–${percent(scale[1])} of the area (${interpolation})`,
  randomFlip: ({ probability }: { probability: number }) => `flip${probability === 1 ? '' : ` ${percent(probability)}`}`,
  colorJitter: (options: Readonly<Record<string, Json>>) =>
    `jitter (${Object.entries(options).filter(([name, strength]) => name !== 'order' && strength !== 0).map(([name, strength]) => `${name} ${plain(strength)}`).join(', ')})`,
  grayscale: () => 'gray',
  gaussianBlur: ({ sigma }: { sigma: readonly [number, number] }) => `blur (σ ${plain([...new Set(sigma)]).replace(' ', '–')} px)`,
  solarize: ({ threshold }: { threshold: number }) => `solarize (from ${figure(threshold)})`,
};

function opOptions({ name, options }: OptionsOfOp): string {
  const wrapped = probabilityOf(options);
  if (wrapped) {
    const word = opOptions({ name, options: wrapped.inner });
    // Before what is in brackets, if anything is.
    return word.replace(/(?= [([]|$)/, ` ${percent(wrapped.probability)}`);
  }
  const inner = innerOps(options);
  if (inner) return `${name} [${inner.map(opOptions).join(', ')}]`;
  return optionsOf[name]?.(options as never) ?? `${name} ${plain(options)}`.trimEnd();
}

/** What a pipeline may do, op by op: `['crop 8–100 % of the area (bicubic)', 'flip 50 %', …]`. */
export function recipeInWords({ ops }: { readonly ops: readonly AnyOp[] }): readonly string[] {
  return ops.map(opOptions);
}

/** `a, b`; of more than three only the first and the last: `local1 … local8`. */
export function namesInWords(names: readonly string[]): string {
  return names.length > 3 ? `${names[0]} … ${names.at(-1)}` : names.join(', ');
}
