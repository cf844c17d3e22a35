// The arithmetic of src/canvas, on 8-bit samples in linear memory, with the same bytes as its JavaScript. Addresses and
// sizes come from src/simd; every buffer has room for 32 bytes past its end, which kernels may read and overwrite.
export * from './blur';
export * from './color';
export * from './hue';
export * from './look-up';
export * from './resample';

/** The first address that is free for buffers. */
export function heapBase(): usize {
  return __heap_base;
}
