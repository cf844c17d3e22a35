export { allclose } from './allclose.ts';
export type { AllcloseResult, Numbers, Tolerance } from './allclose.ts';
export { methodConformance } from './conformance.ts';
export type { ConformanceOptions, ConformanceReport } from './conformance.ts';
export { ConformanceError } from './error.ts';
export { watchMemory } from './leaks.ts';
export type { LeakReport } from './leaks.ts';
export { noiseViews } from './noise-views.ts';
