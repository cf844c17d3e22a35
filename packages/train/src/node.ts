export { loadEncoder, saveEncoder } from './encoder-files.ts';
