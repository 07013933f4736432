// The controls below the slices: which image and overlays, how they are colored, and what is drawn over them.

import { byId, element, page, state } from './base.js';
import { swatch } from './charts.js';
import { coverColor, css } from './grid.js';
import { shownBase } from './layers.js';
import { overlayControls } from './overlayControls.js';
import { windowControl } from './windowing.js';

function choice(legend, names, values, change) {
  const select = element('select', { 'aria-label': legend, change: () => change(values[select.selectedIndex]) },
    ...names.map((name) => element('option', {}, name)));
  return { field: element('fieldset', {}, element('legend', {}, legend), select), select };
}

/** The layers with a role, with their places in the list of all. */
const layersOf = (role) => page.layers.map((layer, index) => ({ layer, index })).filter(({ layer }) => layer.role === role);

function imageChoice() {
  const bases = layersOf('base');
  if (bases.length < 2) return null;
  const numbers = bases.map(({ index }) => index);
  const { field, select } = choice('Image', bases.map(({ layer }) => layer.name), numbers, (base) => state.set({ base, window: null }));
  state.watch(['base'], () => { select.selectedIndex = numbers.indexOf(state.base); });
  return field;
}

/** A checkbox for a part of the state that is true or false. */
function check(text, key) {
  const box = element('input', { type: 'checkbox', checked: state[key], id: key, change: () => state.set({ [key]: box.checked }) });
  state.watch([key], () => { box.checked = state[key]; });
  return element('label', {}, box, text);
}

function conventionChoice() {
  if (!page.data.place.orientation || page.grid.isFlat) return null;
  const { field, select } = choice('Patient’s right', ['on the right (neurological)', 'on the left (radiological)'], [false, true],
    (isRadiological) => state.set({ isRadiological }));
  const show = () => { select.selectedIndex = Number(state.isRadiological); };
  state.watch(['isRadiological'], show);
  show();
  return field;
}

function drawnOver() {
  const counts = page.data.coverage.histogram.map(([count]) => count);
  const shown = counts.length > 7 ? [...counts.slice(0, 5), counts.at(-1)] : counts;
  const key = element('div', { class: 'key' }, ...shown.map((count) => element('span', {}, swatch(css(coverColor(count, page.grid.maxCovers))),
    count === 0 ? 'lost' : count === 1 ? 'in 1 patch' : `in ${count} patches`)));
  return element('fieldset', {}, element('legend', {}, 'Show'),
    element('div', { class: 'row' }, check('Patch grid', 'showsGrid'), check('Coverage', 'showsCoverage'), check('Crosshair', 'showsCross')),
    key, element('div', { class: 'key' }, element('span', {}, 'solid line: a patch begins; dashed line: a patch ends')),
    shownBase().hasGaps ? element('div', { class: 'key' }, element('span', {}, swatch('rgb(74 38 96)'), 'not finite')) : null);
}

export function makeControls() {
  byId('controls').append(...[imageChoice(), windowControl(), overlayControls(), conventionChoice(), drawnOver()].filter(Boolean));
}
