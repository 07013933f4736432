// Starts the page and creates the controls of the slices.

import { byId, element, fitCanvas, inWords, page, state } from './base.js';
import { showResults, swatch } from './charts.js';
import { Grid, coverColor, css } from './grid.js';
import { Layer, shownBase, shownOverlay } from './layers.js';
import { showNumbers } from './numbers.js';
import { Sheet } from './sheet.js';
import { SliceView, layOut } from './slices.js';
import { Space } from './space.js';
import { SpaceControls } from './steps.js';
import { themeButton } from './theme.js';
import { showWords } from './words.js';

globalThis.voxtile = page;

/** Common intensity windows for CT, in Hounsfield units. */
const CT_WINDOWS = { lung: [-1350, 150], 'soft tissue': [-160, 240], bone: [-500, 1300] };

/** Whether the values look like CT: air is far below water (0), bone above it. */
const isLikeCT = (layer) => layer.levels[0] <= -900 && layer.levels[0] >= -8192 && layer.levels.at(-1) >= 300;

/** A histogram with two handles that set which intensities are black and white. */
function windowControl() {
  const box = element('fieldset', { class: 'window' }, element('legend', {}, 'Intensity window'));
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const [low, high] = ['black', 'white'].map((name) => element('input', { type: 'range', min: 0, max: 1000, 'aria-label': `Intensity shown as ${name}`, input: () => read() }));
  const [from, to] = ['black', 'white'].map((name) => element('input', { type: 'number', step: 'any', 'aria-label': `Value shown as ${name}`, change: () => set([Number(from.value), Number(to.value)]) }));
  const reset = element('button', { type: 'button', click: () => set(shownBase().window) }, 'Reset');
  const presets = element('div', { class: 'row' }, ...Object.entries(CT_WINDOWS).map(([name, window]) =>
    element('button', { type: 'button', title: `${window[0]} to ${window[1]} HU`, click: () => set(window) }, name)));
  box.append(canvas, element('div', { class: 'handles' }, low, high), element('div', { class: 'row' }, from, '–', to, reset), presets);
  const range = () => {
    const { levels, window: [a, b] } = shownBase();
    // Leaves out rare extreme values, which would squeeze the useful range.
    const wide = (b - a) || 1;
    return [Math.max(levels[0] ?? 0, a - 0.5 * wide), Math.min(levels.at(-1) ?? 1, b + 1.5 * wide)];
  };
  const set = ([a, b]) => state.set({ window: a <= b ? [a, b] : [b, a] });
  const read = () => {
    const [start, end] = range();
    const value = (input) => start + (end - start) * Number(input.value) / 1000;
    set([value(low), value(high)]);
  };
  const show = () => {
    const base = shownBase();
    box.hidden = base.kind !== 'intensity' || base.levels.length === 0;
    if (box.hidden) return;
    presets.style.display = isLikeCT(base) ? '' : 'none';
    const [start, end] = range();
    const [a, b] = state.window ?? base.window;
    [low.value, high.value] = [a, b].map((value) => Math.round(1000 * (value - start) / ((end - start) || 1)));
    [from.value, to.value] = [a, b].map((value) => Number(value.toPrecision(5)));
    drawHistogram(canvas, base, [start, end], [a, b]);
  };
  state.watch(['window', 'base'], show);
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

function choice(legend, names, values, change) {
  const select = element('select', { 'aria-label': legend, change: () => change(values[select.selectedIndex]) },
    ...names.map((name) => element('option', {}, name)));
  return { field: element('fieldset', {}, element('legend', {}, legend), select), select };
}

function makeControls() {
  const host = byId('controls');
  const bases = page.layers.map((layer, index) => ({ layer, index })).filter(({ layer }) => layer.role === 'base');
  const overlays = page.layers.map((layer, index) => ({ layer, index })).filter(({ layer }) => layer.role === 'overlay');
  if (bases.length > 1) {
    const { field } = choice('Image', bases.map(({ layer }) => layer.name), bases.map(({ index }) => index), (base) => state.set({ base, window: null }));
    host.append(field);
  }
  host.append(windowControl());
  if (overlays.length) {
    const values = [null, ...overlays.map(({ index }) => index)];
    const { field, select } = choice('Overlay', ['none', ...overlays.map(({ layer }) => layer.name)], values, (overlay) => state.set({ overlay }));
    select.id = 'overlay';
    const opacity = element('input', { type: 'range', min: 0, max: 100, value: 100 * state.opacity, 'aria-label': 'Opacity of the overlay', input: () => state.set({ opacity: opacity.value / 100 }) });
    const key = element('div', { class: 'key' });
    field.append(element('div', { class: 'row' }, opacity), key);
    const explain = () => {
      const shown = shownOverlay();
      key.textContent = shown?.kind === 'difference'
        ? (shown.window[1] > 0 ? `yellow: small, red: up to ${inWords.number(shown.window[1])}` : 'no differences') : '';
    };
    state.watch(['overlay'], explain);
    explain();
    state.watch(['overlay'], () => { select.selectedIndex = values.indexOf(state.overlay); });
    select.selectedIndex = values.indexOf(state.overlay);
    host.append(field);
  }
  const check = (text, key) => {
    const box = element('input', { type: 'checkbox', checked: state[key], id: key, change: () => state.set({ [key]: box.checked }) });
    state.watch([key], () => { box.checked = state[key]; });
    return element('label', {}, box, text);
  };
  const counts = page.data.coverage.histogram.map(([count]) => count);
  const shown = counts.length > 7 ? [...counts.slice(0, 5), counts.at(-1)] : counts;
  const key = element('div', { class: 'key' }, ...shown.map((count) => element('span', {}, swatch(css(coverColor(count, page.grid.maxCovers))),
    count === 0 ? 'lost' : count === 1 ? 'in 1 patch' : `in ${count} patches`)));
  host.append(element('fieldset', {}, element('legend', {}, 'Show'),
    element('div', { class: 'row' }, check('Patch grid', 'showsGrid'), check('Coverage', 'showsCoverage'), check('Crosshair', 'showsCross')),
    key, element('div', { class: 'key' }, element('span', {}, 'solid line: a patch begins; dashed line: a patch ends')),
    shownBase().hasGaps ? element('div', { class: 'key' }, element('span', {}, swatch('rgb(74 38 96)'), 'not finite')) : null));
}

/** Describes the voxel at the cursor, the patches that contain it, and their files. */
function readout() {
  const { grid, data } = page;
  const { cursor } = state;
  const flat = grid.isFlat;
  const shown = cursor.slice(0, flat ? 2 : 3);
  const parts = [element('b', {}, `(${shown.join(', ')})`), ` ${shownBase().valueAt(cursor)}`];
  const overlay = shownOverlay();
  if (overlay) parts.push(`, ${overlay.name}: ${overlay.valueAt(cursor)}`);
  if (data.place.orientation) {
    const mm = data.place.affine.map((row) => row[0] * cursor[0] + row[1] * cursor[1] + row[2] * cursor[2] + row[3]);
    parts.push(` · ${mm.map((value) => value.toFixed(1)).join(', ')} mm`);
  }
  const covers = grid.coverage(cursor);
  if (covers === 0) {
    parts.push(element('br'), swatch(css(coverColor(0, 1))), element('b', {}, 'lost'), `: this ${inWords.element} is not in any patch`);
    return parts;
  }
  const index = state.chosen != null && grid.holds(grid.patch(state.chosen), cursor) ? state.chosen : grid.nearest(cursor);
  const patch = grid.patch(index);
  const others = grid.patchesAt(cursor, 9).filter((other) => other !== index);
  parts.push(element('br'), swatch(css(coverColor(covers, grid.maxCovers))), element('b', {}, `patch ${index}`),
    `${patch.file ? ` · ${patch.file}` : ''} · ${grid.regionInWords(patch.region)}`);
  if (covers > 1) parts.push(` · also in ${others.slice(0, 7).join(', ')}${covers > 8 ? ` and ${inWords.count(covers - 8)} more` : ''}`);
  return parts;
}

function chosenWords() {
  if (state.chosen == null) return 'No patch is selected. Step through the patches in order, or click one.';
  const patch = page.grid.patch(state.chosen);
  return `Patch ${patch.index} of ${inWords.count(page.grid.count)} (counted from 0): ${page.grid.regionInWords(patch.region)}${patch.file ? `, ${patch.file}` : ''}`;
}

/** Starts with the largest difference, unless most values differ: then the overlay would hide the image. */
function showDifference(difference) {
  if (!difference?.position || difference.differing > difference.values / 2) return;
  state.overlay = page.layers.findIndex((layer) => layer.kind === 'difference');
  state.cursor = difference.position;
}

async function showPage() {
  themeButton();
  const data = JSON.parse(byId('data').textContent);
  if (data.summary.isPlanar) inWords.element = 'pixel';
  const grid = new Grid(data);
  page.data = data;
  page.grid = grid;
  page.layers = await Promise.all(data.layers.map((info, index) => Layer.load(info, index, data.summary.extent)));
  state.cursor = grid.extent.map((size) => size >> 1);
  const overlay = page.layers.findIndex((layer) => layer.role === 'overlay' && layer.kind !== 'difference');
  if (overlay >= 0) state.overlay = overlay;
  else showDifference(data.merge?.difference);
  showWords(data, grid);
  const layouts = [2, 1, 0].map((axis) => layOut(axis, data.place.orientation));
  page.views = layouts.slice(0, grid.isFlat ? 1 : 3).map((layout) => new SliceView(grid, layout));
  byId('views').append(...page.views.map((view) => view.figure));
  makeControls();
  page.space = new Space(grid, data.place.orientation);
  page.controls = new SpaceControls(page.space);
  attempt('numbers', () => showNumbers(data, grid));
  attempt('results', () => showResults(data, grid));
  attempt('contact sheet', () => { page.sheet = new Sheet(grid, layouts[0]); });
  const drawViews = () => page.views.forEach((view) => view.draw());
  state.watch(['cursor', 'chosen', 'base', 'overlay', 'opacity', 'window', 'showsGrid', 'showsCoverage', 'showsCross', 'slices'], drawViews);
  state.watch(['cursor', 'chosen', 'base', 'overlay', 'slices'], () => {
    byId('readout').replaceChildren(...readout());
    // Waits until the cursor rests, so that a screen reader is not interrupted all the time.
    clearTimeout(page.speech);
    page.speech = setTimeout(() => { byId('spoken').textContent = byId('readout').innerText; }, 500);
  });
  state.watch(['chosen'], () => { byId('space-readout').textContent = chosenWords(); });
  state.watch(['view', 'cursor', 'chosen', 'base', 'overlay', 'opacity', 'window'], (changed) => {
    // In 3D the cursor only moves the slices, which are redrawn when it rests.
    const isCursorOnly = changed.size === 1 && changed.has('cursor');
    if (isCursorOnly && page.space.apart > 0) return;
    clearTimeout(page.spaceTimer);
    if (isCursorOnly) {
      page.spaceTimer = setTimeout(() => page.space.draw(), 80);
      return;
    }
    page.space.draw();
  });
  const drawAll = () => { drawViews(); page.space.draw(); page.showWindow(); page.sheet?.drawSoon(); };
  new ResizeObserver(drawAll).observe(byId('main'));
  byId('readout').replaceChildren(...readout());
  byId('space-readout').textContent = chosenWords();
  drawAll();
  page.readyTime = performance.now();
  document.documentElement.dataset.ready = 'true';
}

/** Creates an optional part of the page. If that fails, the rest is still shown. */
function attempt(part, make) {
  try { make(); } catch (error) { fail(`The ${part} of this page cannot be shown`, error); }
}

function fail(what, error) {
  byId('failure').hidden = false;
  byId('failure').textContent = `${what}: ${error.message}. The page needs a browser from 2024 or later.`;
  console.error(error);
}

showPage().catch((error) => fail('The page cannot be drawn', error));
