// How much of the voxels each label has, in the scans and in the patches.

import { byId, element, inWords } from './base.js';
import { swatch } from './charts.js';

/** The smallest share that a bar shows; shares are compared on a logarithmic scale, since a lesion may have a millionth. */
const LEAST = 1e-6;

const barLength = (share) => (share <= 0 ? 0 : Math.max(0.01, 1 - Math.log10(Math.max(LEAST, share)) / Math.log10(LEAST)));

function shareBars(before, after, color) {
  const box = element('div', { class: 'shares', 'aria-hidden': 'true' });
  for (const [name, share, fill] of [['scans', before, null], ['patches', after, color]]) {
    if (share <= 0) continue;
    const bar = element('i', { class: name });
    bar.style.width = `${100 * barLength(share)}%`;
    if (fill) bar.style.background = fill;
    box.append(bar);
  }
  return box;
}

function timesWords(before, after) {
  if (before <= 0) return '';
  const times = after / before;
  return times >= 10 ? `× ${inWords.count(times)}` : `× ${inWords.number(times, 2)}`;
}

/** Fills the section. */
export function showBalance(data) {
  const sum = (key) => data.labels.reduce((total, label) => total + label[key], 0) || 1;
  const [scans, patches] = [sum('scanVoxels'), sum('patchVoxels')];
  const percent = (share) => (share === 0 ? '0 %' : share < 1e-4 ? `${inWords.number(100 * share, 2)} %` : inWords.percent(share, 1));
  const rows = data.labels.map((label) => {
    const [before, after] = [label.scanVoxels / scans, label.patchVoxels / patches];
    const name = label.value === 0 ? 'background' : label.name ? `${label.value}: ${label.name}` : inWords.label(label.value);
    const isLost = label.scanVoxels > 0 && label.patchVoxels === 0;
    return element('tr', isLost ? { class: 'bad' } : {}, element('th', { scope: 'row' }, label.value === 0 ? swatch('#94a3b8') : swatch(label.color), name),
      element('td', { class: 'n' }, percent(before)), element('td', { class: 'n' }, percent(after)), element('td', { class: 'n' }, timesWords(before, after)),
      element('td', { class: 'n' }, inWords.count(label.patches)), element('td', { style: 'width:34%' }, shareBars(before, after, label.value === 0 ? '#94a3b8' : label.color)));
  });
  const heads = ['label', 'of the scans', 'of the patches', 'times', 'patches with it'];
  byId('balance').append(element('div', { class: 'scroll' }, element('table', {}, element('caption', {}, 'Share of the voxels'),
    element('thead', {}, element('tr', {}, ...heads.map((head, index) => element('th', index ? { class: 'n' } : {}, head)), element('th', { 'aria-hidden': 'true' }))),
    element('tbody', {}, ...rows))));
  byId('classes-note').textContent = 'Bars are on a logarithmic scale: gray the scans, in color the patches.';
}
