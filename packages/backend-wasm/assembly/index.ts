// Every function exported from here is a kernel: `export function name(args: usize, part: i32, parts: i32): void`.
// To add kernels, write them in a file of their own and add one `export * from './file'` line; the build gives each an
// id in `K` (src/engine/kernel-ids.ts) under its name. Helpers shared by kernels live in files that are not listed here.
// A kernel touches no module-level mutable data (several instances share one memory) and splits its work by
// (part, parts) alone: `partStart` in args.ts. Scratch space comes in by pointer, one slice for each thread, whose number
// a kernel may take as a fourth parameter, `thread: i32`; it is 0 in a run of one part, for which one slice is enough.
export * from './conv';
export * from './conv-filter-grad';
export * from './depthwise';
export * from './fill';
export * from './gemm';
export * from './binary';
export * from './cast';
export * from './compare';
export * from './gather';
export * from './reduce';
export * from './softmax';
export * from './strided';
export * from './unary';
export * from './winograd-filter';
export * from './winograd-forward';
export * from './winograd-grad';
export * from './batch-norm';
export * from './batch-norm-grad';
export * from './pool';
export * from './resize';
export * from './top-k';
export * from './update';
export * from './gelu';
export * from './layer-norm';
export * from './rows';
export * from './logical';
