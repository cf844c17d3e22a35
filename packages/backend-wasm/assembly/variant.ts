/** Rows of the register block; scripts/build-wasm.mjs compiles this file with another number for some builds. */
export const MR: i32 = 4;
