// The intensity window: a histogram with two handles, presets for CT, and the color map.

import { element, fitCanvas, page, state } from './base.js';
import { COLOR_MAPS } from './colormaps.js';
import { shownBase } from './layers.js';

/** Common intensity windows for CT, in Hounsfield units. */
const CT_WINDOWS = { brain: [0, 80], 'soft tissue': [-160, 240], bone: [-500, 1300], lung: [-1350, 150] };

/** Whether the values look like CT: air is far below water (0), bone above it. */
const isLikeCT = (layer) => layer.levels[0] <= -900 && layer.levels[0] >= -8192 && layer.levels.at(-1) >= 300;

/** The range of values beside the handles. Leaves out rare extreme values, which would squeeze the useful range. */
function shownRange() {
  const { levels, window: [a, b] } = shownBase();
  const wide = (b - a) || 1;
  const [low, high] = state.window ?? [a, b];
  return [Math.min(low, Math.max(levels[0] ?? 0, a - 0.5 * wide)), Math.max(high, Math.min(levels.at(-1) ?? 1, b + 1.5 * wide))];
}

/** A histogram with two handles that set which intensities are black and white. */
export function windowControl() {
  const box = element('fieldset', { class: 'window' }, element('legend', {}, 'Intensity window'));
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const [low, high] = ['black', 'white'].map((name) => element('input', { type: 'range', min: 0, max: 1000, 'aria-label': `Intensity shown as ${name}`, input: () => read() }));
  const [from, to] = ['black', 'white'].map((name) => element('input', { type: 'number', step: 'any', 'aria-label': `Value shown as ${name}`, change: () => set([Number(from.value), Number(to.value)]) }));
  const reset = element('button', { type: 'button', click: () => set(shownBase().window) }, 'Reset');
  const presets = element('div', { class: 'row', role: 'group', 'aria-label': 'Windows for CT' }, ...Object.entries(CT_WINDOWS).map(([name, window]) =>
    element('button', { type: 'button', title: `${window[0]} to ${window[1]} HU`, click: () => set(window) }, name)));
  const colors = element('select', { 'aria-label': 'Colors of the image', change: () => state.set({ colors: colors.value }) },
    ...COLOR_MAPS.map((name) => element('option', { value: name }, name)));
  box.append(canvas, element('div', { class: 'handles' }, low, high), element('div', { class: 'row' }, from, '–', to, reset, colors), presets);
  const set = ([a, b]) => state.set({ window: a <= b ? [a, b] : [b, a] });
  let range = [0, 1];
  const read = () => {
    const value = (input) => range[0] + (range[1] - range[0]) * Number(input.value) / 1000;
    set([value(low), value(high)]);
  };
  const show = () => {
    const base = shownBase();
    box.hidden = base.kind !== 'intensity' || base.levels.length === 0;
    if (box.hidden) return;
    presets.style.display = isLikeCT(base) ? '' : 'none';
    // A handle that is dragged must not move the range under itself.
    if (![low, high].includes(document.activeElement)) range = shownRange();
    const [a, b] = state.window ?? base.window;
    [low.value, high.value] = [a, b].map((value) => Math.round(1000 * (value - range[0]) / ((range[1] - range[0]) || 1)));
    [from.value, to.value] = [a, b].map((value) => Number(value.toPrecision(5)));
    colors.value = state.colors;
    drawHistogram(canvas, base, range, [a, b]);
  };
  state.watch(['window', 'base', 'colors'], show);
  page.showWindow = show;
  return box;
}

function drawHistogram(canvas, layer, [start, end], [a, b]) {
  const { context, width, height } = fitCanvas(canvas);
  if (!layer.histogram) {
    layer.histogram = new Uint32Array(256);
    for (const byte of layer.bytes) layer.histogram[byte] += 1;
  }
  const bins = new Float64Array(90);
  layer.levels.forEach((level, index) => {
    const bin = Math.floor(bins.length * (level - start) / ((end - start) || 1));
    if (bin >= 0 && bin < bins.length) bins[bin] += layer.histogram[index + 1];
  });
  const most = Math.log1p(Math.max(...bins));
  context.clearRect(0, 0, width, height);
  bins.forEach((count, bin) => {
    const value = start + (end - start) * (bin + 0.5) / bins.length;
    context.fillStyle = value >= a && value <= b ? '#2a9d8f' : '#8a94a355';
    const tall = most ? height * Math.log1p(count) / most : 0;
    context.fillRect(bin * width / bins.length, height - tall, width / bins.length - 0.6, tall);
  });
}
