import { describe, expect, it } from 'vitest';
import { drawLineChart } from './line-chart.ts';
import { compactNumber, niceTicks, percent } from './number-format.ts';
import { reduceSeries } from './series.ts';

describe('niceTicks', () => {
  it.each([
    { low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    { low: -1, high: -0.1, ticks: [-1, -0.8, -0.6, -0.4, -0.2] },
    { low: 0, high: 780, ticks: [0, 200, 400, 600] },
    { low: 0.1, high: 0.7, ticks: [0.2, 0.4, 0.6] },
    { low: 3, high: 3.004, ticks: [3, 3.001, 3.002, 3.003, 3.004] },
  ])('between $low and $high', ({ low, high, ticks }) => {
    expect(niceTicks(low, high, 5)).toEqual(ticks);
  });
});

it('numbers are short and keep their meaning', () => {
  expect([0, 0.5, 1000, 12_500, 1e8, 3e-5, -0.94321].map(compactNumber)).toEqual(['0', '0.5', '1000', '12.5k', '1e8', '3e-5', '-0.9432']);
  expect(percent(0.8415)).toBe('84.2 %');
});

describe('reduceSeries', () => {
  it('keeps mean, least and most of each stretch, and the last short one', () => {
    const points = [4, 2, 6, 1, 5].map((y, step) => ({ step, epoch: 0, y }));
    expect(reduceSeries(points, 3)).toEqual([
      { step: 1, epoch: 0, mean: 3, least: 2, most: 4 },
      { step: 3, epoch: 0, mean: 3.5, least: 1, most: 6 },
      { step: 4, epoch: 0, mean: 5, least: 5, most: 5 },
    ]);
  });

  it('leaves a short series alone, and an empty one empty', () => {
    expect(reduceSeries([{ step: 7, epoch: 2, y: 3 }])).toEqual([{ step: 7, epoch: 2, mean: 3, least: 3, most: 3 }]);
    expect(reduceSeries([])).toEqual([]);
  });
});

const chart = (ys: readonly number[]): ReturnType<typeof drawLineChart> =>
  drawLineChart({
    title: 't',
    xLabel: 'x',
    yLabel: 'y',
    series: [{ name: 's', colour: 0, points: reduceSeries(ys.map((y, step) => ({ step, epoch: 0, y }))) }],
  });

describe('drawLineChart', () => {
  it('puts the first point at the left, larger values higher', () => {
    const [first, , last] = /class="line s0" d="M([^"]+)"/.exec(chart([0, 1, 2]).svg)![1]!.split('L').map((point) => point.split(' ').map(Number));
    expect(first![0]).toBe(66);
    expect(last![0]).toBe(450);
    expect(last![1]!).toBeLessThan(first![1]!);
  });

  it('interrupts the line where a value is missing', () => {
    expect(/class="line s0" d="([^"]+)"/.exec(chart([0, 1, Number.NaN, 2, 3]).svg)![1]!.match(/M/g)).toHaveLength(2);
  });

  it('a constant or a single value has an axis too', () => {
    expect(chart([5, 5]).svg).not.toContain('NaN');
    expect(chart([5]).svg).not.toContain('NaN');
    expect(chart([0]).svg).not.toContain('NaN');
  });
});
