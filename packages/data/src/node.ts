export { cifar10, cifar100 } from './cifar-files.ts';
export { fashionMnistSample } from './fashion-mnist-sample.ts';
export { idxFolder, idxImages } from './idx-files.ts';
export { imageFolder, type ImageFolderOptions, type ImageFolderSource } from './image-folder.ts';
export { npyImages } from './npy-files.ts';
export { openSource, type OpenSourceOptions } from './open-source.ts';
export { renderThread } from './render-thread.ts';
export { webDataset, type WebDatasetOptions, type WebDatasetSource } from './web-dataset.ts';
export { workerViewBatches, type WorkerViewBatches, type WorkerViewBatchesOptions } from './worker-view-batches.ts';
