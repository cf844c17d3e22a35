import { chartBox } from './line-chart.ts';

/**
 * The page's script: values under the pointer for charts and maps, those of charts by the arrow keys too, and singling out a
 * class. The page is complete without it. Text reaches the page as text, never as markup.
 */
export const client: string = `
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const tip = document.getElementById('tip');
const box = ${JSON.stringify(chartBox)};
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const show = (event, nodes) => {
  tip.replaceChildren(...nodes);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const x = event.clientX + 16 + width > innerWidth ? event.clientX - 16 - width : event.clientX + 16;
  const y = Math.min(event.clientY + 12, innerHeight - height - 6);
  tip.style.transform = 'translate(' + Math.max(4, x) + 'px,' + Math.max(4, y) + 'px)';
};
const line = (text, name) => {
  const div = document.createElement('div');
  div.className = name;
  div.textContent = text;
  return div;
};
const place = (svg, event) => {
  const { width, height } = svg.viewBox.baseVal;
  const area = svg.getBoundingClientRect();
  return [(event.clientX - area.left) / area.width * width, (event.clientY - area.top) / area.height * height, area.width / width];
};
const follow = (svg, move, mark) => {
  const hide = () => { tip.hidden = true; mark.style.visibility = 'hidden'; };
  for (const type of ['pointermove', 'pointerdown']) svg.addEventListener(type, (event) => move(event) || hide());
  for (const type of ['pointerleave', 'pointercancel', 'blur']) svg.addEventListener(type, hide);
};
const strides = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
all('.chart').forEach((svg, i) => {
  const { x: [low, high], series } = data.charts[i];
  if (series.length === 0) return; // A training that diverged at once.
  const cursor = svg.querySelector('.cursor');
  const longest = series.reduce((most, one) => one.points.length > most.points.length ? one : most).points;
  let chosen = -1;
  const read = (x, where) => {
    const near = series.map(({ points }) => points.reduce((best, point) => Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));
    const at = near.reduce((best, point) => Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best);
    const across = box.left + (at[0] - low) / (high - low) * (box.right - box.left);
    cursor.setAttribute('transform', 'translate(' + across + ' 0)');
    cursor.style.visibility = 'visible';
    show(where(across), [line('step ' + at[0] + ', epoch ' + (at[1] + 1), 'plain'), ...series.map(({ name, colour }, s) => line(name + ': ' + near[s][2], 's' + colour))]);
  };
  follow(svg, (event) => {
    const share = (place(svg, event)[0] - box.left) / (box.right - box.left);
    if (share < -0.03 || share > 1.03) return false;
    read(low + share * (high - low), () => event);
    return true;
  }, cursor);
  svg.addEventListener('keydown', (event) => {
    const stride = strides[event.key];
    if (stride === undefined) return;
    event.preventDefault();
    chosen = Math.min(Math.max(chosen + stride, 0), longest.length - 1);
    const area = svg.getBoundingClientRect();
    read(longest[chosen][0], (across) => ({ clientX: area.left + across / box.width * area.width, clientY: area.top + area.height / 3 }));
  });
});
all('.map').forEach((svg, i) => {
  const points = data.maps[i];
  const mark = svg.querySelector('.mark');
  follow(svg, (event) => {
    const [x, y, scale] = place(svg, event);
    let best = -1;
    let least = (event.pointerType === 'touch' ? 26 : 14) / scale;
    for (let p = 0; p < points.length; p += 2) {
      if (only !== null && data.labels[p / 2] !== only) continue;
      const distance = Math.hypot(points[p] - x, points[p + 1] - y);
      if (distance < least) { least = distance; best = p / 2; }
    }
    if (best < 0) return false;
    mark.setAttribute('cx', points[2 * best]);
    mark.setAttribute('cy', points[2 * best + 1]);
    mark.style.visibility = 'visible';
    const nodes = [line(data.classes[data.labels[best]] ?? 'image ' + best, 'k' + data.labels[best])];
    if (data.columns) {
      const thumb = document.createElement('span');
      thumb.className = 'thumb';
      thumb.style.setProperty('--col', best % data.columns);
      thumb.style.setProperty('--row', Math.floor(best / data.columns));
      nodes.unshift(thumb);
    }
    show(event, nodes);
    return true;
  }, mark);
});
let only = null;
const buttons = all('.legend button');
for (const button of buttons) button.addEventListener('click', () => {
  const chosen = Number(button.dataset.class);
  only = only === chosen ? null : chosen;
  for (const other of buttons) other.setAttribute('aria-pressed', String(Number(other.dataset.class) === only));
  for (const svg of all('.map')) {
    svg.classList.toggle('only', only !== null);
    for (const path of all('path', svg)) path.classList.toggle('on', Number(path.dataset.class) === only);
  }
});
addEventListener('scroll', () => { tip.hidden = true; }, { passive: true });
})();`;
