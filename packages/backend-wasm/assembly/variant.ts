// Of the register block; scripts/build-wasm.mjs compiles this file with other numbers for some builds.
export const MR: i32 = 4; // rows
export const PANELS: i32 = 1; // panels of 8 columns; and vectors of four channels in a step of Winograd's transforms
