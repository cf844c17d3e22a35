import type { Canvas } from '../canvas/canvas.ts';
import { blendCurve } from '../canvas/tone.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkRange } from '../options.ts';
import type { Range } from '../options.ts';

export interface ColorJitterOptions {
  /** x draws the factor from [max(0, 1 − x), 1 + x]; or give the range itself. 0: left alone, nothing drawn. */
  readonly brightness?: number | Range;
  /** As brightness; around the mean grey value. */
  readonly contrast?: number | Range;
  /** As brightness; around every pixel's own grey value. Three channels only. */
  readonly saturation?: number | Range;
  /** x draws the turn of the colour circle from [−x, x], x ≤ ½; or give the range itself. Three channels only. */
  readonly hue?: number | Range;
  /** `random`: drawn anew every time, as torchvision and BYOL do. `fixed`: brightness, contrast, saturation, hue. */
  readonly order?: 'random' | 'fixed';
}

export type Adjustment = {
  readonly adjust: 'brightness' | 'contrast' | 'saturation' | 'hue';
  /** The factor; for hue the turn, 1 being the whole circle. */
  readonly by: number;
};

function factorRange(option: number | Range, owner: string): Range | null {
  const range: Range = typeof option === 'number' ? [Math.max(0, 1 - option), 1 + option] : option;
  checkRange(range, owner, 0);
  return range[0] === 1 && range[1] === 1 ? null : range;
}

function turnRange(option: number | Range): Range | null {
  const range: Range = typeof option === 'number' ? [-option, option] : option;
  checkRange(range, 'colorJitter hue', -0.5, 0.5);
  return range[0] === 0 && range[1] === 0 ? null : range;
}

function paintAdjustment(canvas: Canvas, { adjust, by }: Adjustment): void {
  if (adjust === 'brightness') canvas.tone(blendCurve(0, by));
  else if (adjust === 'contrast') canvas.contrast(by);
  else if (adjust === 'saturation') canvas.saturate(by);
  // The turn truncates to whole steps of 1/255, as torchvision's does.
  else canvas.turnHue(Math.trunc(by * 255));
}

/**
 * Random brightness, contrast, saturation and hue, one after the other.
 *
 * Parameters: the adjustments in the order in which they apply.
 * @throws AugmentError `invalid-option`; `channel-mismatch` when saturation or hue meet an image without three channels.
 * @see torchvision `ColorJitter` on PIL images, whose distribution and pixels it reproduces. BYOL's own code adds to the
 * brightness instead of scaling it, takes contrast per channel and saturation in HSV; like most reimplementations this does not.
 */
export function colorJitter({
  brightness = 0,
  contrast = 0,
  saturation = 0,
  hue = 0,
  order = 'random',
}: ColorJitterOptions): Op<readonly Adjustment[]> {
  const ranges: { readonly adjust: Adjustment['adjust']; readonly range: Range | null }[] = [
    { adjust: 'brightness', range: factorRange(brightness, 'colorJitter brightness') },
    { adjust: 'contrast', range: factorRange(contrast, 'colorJitter contrast') },
    { adjust: 'saturation', range: factorRange(saturation, 'colorJitter saturation') },
    { adjust: 'hue', range: turnRange(hue) },
  ];
  const used = ranges.flatMap(({ adjust, range }) => (range === null ? [] : [{ adjust, range }]));
  const colored = used.some(({ adjust }) => adjust === 'saturation' || adjust === 'hue');
  return paintedOp<readonly Adjustment[]>({
    name: 'colorJitter',
    options: { brightness, contrast, saturation, hue, order },
    ...(colored && { needsChannels: 3 }),
    sample: (rng) => {
      const drawn = used.map(({ adjust, range }) => ({ adjust, by: rng.uniform(range[0], range[1]) }));
      if (order === 'fixed') return drawn;
      for (let last = drawn.length - 1; last > 0; last--) {
        const other = rng.integer(last + 1);
        [drawn[last], drawn[other]] = [drawn[other]!, drawn[last]!];
      }
      return drawn;
    },
    paint: (canvas, adjustments) => {
      for (const adjustment of adjustments) paintAdjustment(canvas, adjustment);
    },
  });
}
