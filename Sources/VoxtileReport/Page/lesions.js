// How often lesions are seen, and the list of those seen least.

import { byId, element, inWords } from './base.js';
import { barTable } from './charts.js';
import { isMissed, labelWords, thing } from './reasons.js';

/** How many rows are shown before the others are asked for. */
const ROWS_AT_ONCE = 30;

/** Ranges of counts that share a row: 1 to 10 each by itself. */
const ENDS = [20, 50, 100, 200, 500, 1000, Infinity];

/** How many components are seen how often, as rows of a chart. */
function timesRows(data) {
  const rows = [];
  const none = data.times.find(({ times }) => times === 0);
  const tiled = none?.tiled ?? 0;
  const missing = (none?.components ?? 0) - tiled;
  if (missing > 0) rows.push({ cells: ['not covered', inWords.count(missing)], size: missing, color: data.uncoveredCount ? 'var(--lost)' : '#94a3b8' });
  if (tiled > 0) rows.push({ cells: ['in several, piece by piece', inWords.count(tiled)], size: tiled, color: '#7dd3fc' });
  const sums = new Map();
  for (const { times, components } of data.times) {
    if (times === 0) continue;
    const end = ENDS.find((most) => times <= most);
    const begin = ENDS[ENDS.indexOf(end) - 1] ?? 10;
    const name = times <= 10 ? inWords.things(times, 'patch') : end === Infinity ? `more than ${begin}` : `${begin + 1} to ${end} patches`;
    sums.set(name, (sums.get(name) ?? 0) + components);
  }
  for (const [name, count] of sums) rows.push({ cells: [name, inWords.count(count)], size: count, color: 'var(--accent)' });
  return rows;
}

function seenWords(component) {
  if (component.coverage === 'whole') return `whole in ${inWords.things(component.patches, 'patch')}`;
  return component.coverage === 'tiled' ? 'piece by piece in several' : component.isTooSmall ? 'not covered (too small)' : 'not covered';
}

/** Fills the section; `choose` is called with a component. */
export function showLesions(data, choose) {
  const name = thing(data);
  const section = byId('lesions');
  section.hidden = data.componentCount === 0;
  if (section.hidden) return;
  byId('lesions-title').textContent = name === 'lesion' ? 'Lesions' : 'Components of the labels';
  byId('lesions-note').textContent = name === 'lesion'
    ? `Each${data.cover.minLesion > 1 ? ` of at least ${inWords.things(data.cover.minLesion, 'voxel')}` : ''} had to lie whole in ${inWords.things(data.cover.times, 'patch')}, or in several where it is larger than a patch.`
    : 'None had to be covered: --cover lesions makes sure that each is seen.';
  byId('times').append(barTable(`How many ${name}s lie whole in how many patches`, ['whole in', `${name}s`], timesRows(data)));
  const body = element('tbody');
  const rows = data.components.map((component) => () => {
    const row = element('tr', isMissed(component, data) ? { class: 'bad' } : {},
      element('th', { scope: 'row' }, element('button', { type: 'button', class: 'link', click: () => { choose(component, row); } }, `${component.id}`)),
      element('td', {}, data.scans[component.scan].name), element('td', {}, labelWords(data, component.label)),
      element('td', { class: 'n' }, inWords.count(component.voxels)), element('td', { class: 'n' }, inWords.size(component.extent, false)),
      element('td', {}, seenWords(component)));
    return row;
  });
  let made = 0;
  const more = element('button', { type: 'button', click: () => add(ROWS_AT_ONCE * 10) });
  const add = (count) => {
    body.append(...rows.slice(made, made + count).map((make) => make()));
    made = Math.min(rows.length, made + count);
    more.textContent = `Show more of ${inWords.count(rows.length - made)}`;
    more.hidden = made === rows.length;
  };
  add(ROWS_AT_ONCE);
  const heads = ['', 'scan', 'label', 'voxels', 'size', 'seen'];
  byId('components').append(element('div', { class: 'scroll' }, element('table', {}, element('caption', {}, `The ${name}s that are seen least`),
    element('thead', {}, element('tr', {}, ...heads.map((head, index) => element('th', index === 3 || index === 4 ? { class: 'n' } : {}, head)))), body)), more);
  window.addEventListener('beforeprint', () => add(200));
}
