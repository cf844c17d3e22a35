import { blur } from './blur.ts';
import { adjustSaturation, greySum, toGrey } from './color.ts';
import { turnHue } from './hue.ts';
import type { Kernels } from './kernels.ts';
import { cropAndResize } from './resample.ts';
import { settle } from './settle.ts';
import { writeFloats } from './write.ts';

/** In JavaScript: where WebAssembly SIMD is missing, and for a render within a render. */
export const scriptKernels: Kernels = { settle, cropAndResize, blur, greySum, toGrey, adjustSaturation, turnHue, writeFloats };
