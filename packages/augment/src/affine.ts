import type { AffineMatrix } from './canvas/warp-map.ts';
import type { ImageSize } from './image.ts';

/** An affine transformation around the image's centre. Angles in degrees, shifts in pixels. */
export type AffineParams = {
  /** Clockwise. */
  readonly angle: number;
  readonly translate: readonly [x: number, y: number];
  readonly scale: number;
  readonly shear: readonly [x: number, y: number];
};

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/**
 * The matrix by which output pixels find their input pixel: the inverse of shear, scale and rotation around the centre, and shift.
 *
 * @see torchvision `functional._get_inverse_affine_matrix`
 */
export function inverseAffine({ angle, translate, scale, shear }: AffineParams, { height, width }: ImageSize): AffineMatrix {
  const turn = radians(angle);
  const [shearX, shearY] = [radians(shear[0]), radians(shear[1])];
  const a = Math.cos(turn - shearY) / Math.cos(shearY);
  const b = (-Math.cos(turn - shearY) * Math.tan(shearX)) / Math.cos(shearY) - Math.sin(turn);
  const c = Math.sin(turn - shearY) / Math.cos(shearY);
  const d = (-Math.sin(turn - shearY) * Math.tan(shearX)) / Math.cos(shearY) + Math.cos(turn);
  const [m0, m1, m3, m4] = [d / scale, -b / scale, -c / scale, a / scale] as const;
  const [centreX, centreY] = [width * 0.5, height * 0.5];
  const [shiftX, shiftY] = [-centreX - translate[0], -centreY - translate[1]];
  return [m0, m1, m0 * shiftX + m1 * shiftY + centreX, m3, m4, m3 * shiftX + m4 * shiftY + centreY];
}

/** To 15 decimals, so that quarter turns have exact zeros. */
const round15 = (value: number): number => Number(value.toFixed(15));

/**
 * The matrix of a counter-clockwise turn around the centre.
 *
 * @see Pillow `Image.rotate`
 */
export function rotation(degrees: number, { height, width }: ImageSize): AffineMatrix {
  const angle = -radians(((degrees % 360) + 360) % 360);
  const [a, b, d, e] = [round15(Math.cos(angle)), round15(Math.sin(angle)), round15(-Math.sin(angle)), round15(Math.cos(angle))] as const;
  const [centreX, centreY] = [width / 2, height / 2];
  return [a, b, a * -centreX + b * -centreY + centreX, d, e, d * -centreX + e * -centreY + centreY];
}
