export { fashionMnistSample } from './fashion-mnist-sample.ts';
export { idxFolder, idxImages } from './idx-files.ts';
