import type { Canvas } from '../canvas/canvas.ts';
import type { Engine } from './engine.ts';

/** Where a canvas's samples are in the engine's memory: in one of two buffers. */
export interface Samples {
  /** Whether the canvas's samples are in the engine's memory. */
  readonly inside: (canvas: Canvas) => boolean;
  /**
   * The address of the canvas's samples, which are copied in first if they are elsewhere. They may be overwritten.
   * Ask after everything is reserved: when the memory has grown, this is what makes `canvas.data` valid again.
   */
  readonly address: (canvas: Canvas) => number;
  /** The address of a buffer of at least `bytes` bytes that does not hold the canvas's samples. */
  readonly other: (canvas: Canvas, bytes: number) => number;
  /** Makes what is at `at` the canvas's samples. */
  readonly replace: (canvas: Canvas, at: number, height: number, width: number) => void;
}

/** Two buffers for samples in the engine's memory. */
export function samplesOf(engine: Engine): Samples {
  const front = engine.buffer();
  const back = engine.buffer();
  const { memory } = engine.exports;
  let place = 0;
  let view = new Uint8Array(0);

  const show = (at: number, samples: number): Uint8Array => {
    place = at;
    view = new Uint8Array(memory.buffer, at, samples);
    return view;
  };
  const inside = (canvas: Canvas): boolean => canvas.data === view;
  return {
    inside,
    address: (canvas) => {
      const samples = canvas.height * canvas.width * canvas.channels;
      if (!inside(canvas)) {
        const { data } = canvas;
        const at = front.reserve(samples);
        engine.bytes().set(data.length === samples ? data : data.subarray(0, samples), at);
        canvas.data = show(at, samples);
      } else if (view.buffer !== memory.buffer) canvas.data = show(place, samples);
      return place;
    },
    other: (canvas, bytes) => {
      const at = front.reserve(bytes);
      return inside(canvas) && at === place ? back.reserve(bytes) : at;
    },
    replace: (canvas, at, height, width) => {
      canvas.replace(show(at, height * width * canvas.channels), height, width);
    },
  };
}
