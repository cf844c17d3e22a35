// Makes assets/fashion-mnist-sample.idx.gz from the original files of Fashion-MNIST:
//   node scripts/make-fashion-mnist-sample.mjs [folder with train-images-idx3-ubyte.gz and the three others]
// Debian's package dataset-fashion-mnist puts them into the default folder.
// The asset is four IDX files one after another (train images, train labels, test images, test labels), gzipped
// together: the first 1,000 train and the first 200 test images of each class, in their original order.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const folder = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const target = fileURLToPath(new URL('../assets/fashion-mnist-sample.idx.gz', import.meta.url));
const side = 28;
const classes = 10;

/** The first `perClass` images of each class as two IDX files. */
function firstOfEachClass(split, perClass) {
  const read = (kind) => gunzipSync(readFileSync(join(folder, `${split}-${kind}-ubyte.gz`)));
  const images = read('images-idx3').subarray(16);
  const labels = read('labels-idx1').subarray(8);
  const taken = Array.from({ length: classes }, () => 0);
  const chosen = [...labels.keys()].filter((index) => taken[labels[index]]++ < perClass);
  if (chosen.length !== classes * perClass) throw new Error(`${split} has fewer than ${perClass} images of some class.`);
  const imageHeader = Buffer.alloc(16);
  [0x803, chosen.length, side, side].forEach((word, at) => imageHeader.writeUInt32BE(word, at * 4));
  const labelHeader = Buffer.alloc(8);
  [0x801, chosen.length].forEach((word, at) => labelHeader.writeUInt32BE(word, at * 4));
  const pixels = side * side;
  return Buffer.concat([
    imageHeader,
    ...chosen.map((index) => images.subarray(index * pixels, (index + 1) * pixels)),
    labelHeader,
    Buffer.from(chosen.map((index) => labels[index])),
  ]);
}

const asset = gzipSync(Buffer.concat([firstOfEachClass('train', 1000), firstOfEachClass('t10k', 200)]), { level: 9 });
writeFileSync(target, asset);
console.log(`${target}: ${asset.length} bytes`);
