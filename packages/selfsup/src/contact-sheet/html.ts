import type { Image } from '@selfsup/augment';
import sharp from 'sharp';
import { rgbAt } from './pixels.ts';
import { cropColors } from './png.ts';
import type { Sheet, ShownImage, ShownView } from './sheet.ts';
import { namesInWords } from './words.ts';

/** By this a file is known to be a sheet that may be written over. */
export const generator = '<meta name="generator" content="selfsup views">';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character]!);
const css = ([red, green, blue]: readonly [number, number, number]): string => `rgb(${red} ${green} ${blue})`;
const colorOf = (place: number): string => css(cropColors[place % cropColors.length]!);

/** A PNG with exactly these pixels, as a data URL. */
async function dataUrl(image: Image): Promise<string> {
  const { height, width } = image;
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(rgbAt(image, x, y), (y * width + x) * 3);
  const png = await sharp(data, { raw: { height, width, channels: 3 } }).png().toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

async function picture(image: Image, alt: string): Promise<string> {
  const { height, width } = image;
  const small = Math.max(height, width) <= 112 ? ' class="small"' : '';
  return `<img${small} src="${await dataUrl(image)}" width="${width}" height="${height}" alt="${escape(alt)}">`;
}

/** Where the views were cut out. */
function crops({ image: { height, width }, views }: ShownImage): string {
  const frames = views.map(({ crop }, place) =>
    crop === null ? '' : `<rect class="v${place}" x="${crop.left}" y="${crop.top}" width="${crop.width}" height="${crop.height}" stroke="${colorOf(place)}"/>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">${frames.join('')}</svg>`;
}

async function figureOf({ name, key, params, words, crop, image }: ShownView, place: number): Promise<string> {
  const swatch = crop === null ? '' : `<i style="background:${colorOf(place)}"></i>`;
  const label = `${name} · epoch ${key.epoch}`;
  return `<figure data-view="${place}">${await picture(image, `${label}, image ${key.index}`)}
<figcaption><b>${swatch}${escape(label)}</b> ${words.map((word) => `<span>${escape(word)}</span>`).join(' ')}
<details><summary>JSON</summary><pre>${escape(JSON.stringify({ view: name, key, params }))}</pre></details></figcaption></figure>`;
}

async function section(shown: ShownImage): Promise<string> {
  const { image, index, views } = shown;
  const figures = await Promise.all(views.map(figureOf));
  return `<section><figure class="original"><div>${await picture(image, `image ${index}`)}${crops(shown)}</div>
<figcaption><b>image ${index}</b> <span>${image.height}×${image.width}, as decoded</span></figcaption></figure>
<div class="views">${figures.join('\n')}</div></section>`;
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#18181b, #eeeef0); --faint: light-dark(#5f5f69, #a6a6b0); --chip: light-dark(#f1f1f4, #2a2a30); }
body { margin: 1.5rem; font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #17171a); }
h1 { font-size: 1.3rem; margin: 0 0 .2rem; }
p, li, summary { color: var(--faint); } p, ul { margin: .3rem 0; } ul { padding-left: 1.2rem; } li b { color: var(--ink); }
section { display: grid; grid-template-columns: 232px minmax(0, 1fr); gap: 1.25rem; padding: 1.25rem 0; border-top: 1px solid var(--chip); }
.views { display: grid; grid-template-columns: repeat(auto-fill, minmax(224px, 1fr)); gap: 1.25rem; }
figure { margin: 0; min-width: 0; } .original div { position: relative; width: 224px; } .original { position: sticky; top: 1rem; align-self: start; }
img { display: block; width: 224px; height: auto; } img.small { image-rendering: pixelated; }
svg { position: absolute; inset: 0; width: 100%; height: 100%; } rect { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
figcaption { margin-top: .4rem; } figcaption b { display: block; font-weight: 600; } i { display: inline-block; width: .7em; height: .7em; margin-right: .4em; }
span { display: inline-block; margin: .15rem 0 0; padding: 0 .4em; border-radius: .3em; background: var(--chip); font-size: 13px; }
details { margin-top: .3rem; font-size: 12px; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0 0; }
@media (max-width: 560px) { section { grid-template-columns: 1fr; } .original { position: static; } .views { grid-template-columns: repeat(auto-fill, minmax(136px, 1fr)); gap: 1rem; } .views img { width: 100%; } }
`;

/** While the pointer is over a view, only its crop is shown on the original. */
const script = `
for (const figure of document.querySelectorAll('[data-view]')) {
  const others = figure.closest('section').querySelectorAll('rect:not(.v' + figure.dataset.view + ')');
  figure.onpointerenter = () => others.forEach((rect) => { rect.style.opacity = 0; });
  figure.onpointerleave = () => others.forEach((rect) => { rect.style.opacity = ''; });
}
`;

/** The sheet as one HTML file that needs nothing else; its pictures are the very pixels, its JSON the exact parameters. */
export async function sheetHtml({ title, subtitle, recipes, images }: Sheet): Promise<string> {
  const sections: string[] = [];
  for (const shown of images) sections.push(await section(shown));
  const recipe = recipes.map(({ names, size, words }) => `<li><b>${escape(namesInWords(names))}</b>: ${escape([`${size} px`, ...words].join(' · '))}</li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${generator}
<title>${escape(title)}</title><style>${style}</style></head>
<body><h1>${escape(title)}</h1><p>${escape(subtitle)}</p>
<ul>${recipe}</ul>
${sections.join('\n')}
<script>${script}</script></body>
</html>
`;
}
