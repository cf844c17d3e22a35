export { BackbonesError } from './error.ts';
export type { BackbonesErrorCode } from './error.ts';
export { resnet101, resnet152, resnet18, resnet200, resnet34, resnet50 } from './resnet.ts';
export type { ResNetOptions } from './resnet.ts';
export { smallResNet } from './small-resnet.ts';
export type { SmallResNetOptions } from './small-resnet.ts';
export { torchWeights } from './torch-weights.ts';
export type { TorchWeight } from './torch-weights.ts';
