// A case of many: what is said of it, and its row in the list.

import { element, inWords } from './base.js';

/** The most labels whose bars are shown before the others are asked for. */
const SHOWN_LABELS = 5;

export const labelName = (label) => label.name ?? inWords.label(label.label);

export const isDone = (row) => row.status === 'done' || row.status === 'skipped';

/** A time that may be hours. */
export function duration(seconds) {
  if (seconds < 120) return inWords.seconds(seconds);
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${inWords.number(seconds / 3600, 2)} h`;
}

export const volumeWords = (volume, unit) => `${volume >= 1000 ? inWords.count(volume) : inWords.number(volume, 3)} ${unit}`;

export const shareWords = (share) => (share === 0 ? '0 %' : inWords.percent(share, 1));

/** What went wrong with a case, without the file's name where that is the case's. */
export function failureWords(row) {
  if (row.message == null) return 'begun, and stopped before it was finished';
  const [file, ...rest] = row.message.split(': ');
  return rest.length && file.includes(row.name.split('/').at(-1)) ? rest.join(': ') : row.message;
}

/** Why a case stands out, in words. */
export function reasonWords(reason, row, data) {
  const times = Math.abs(reason.times);
  const far = `${times >= 100 ? 'over 100' : inWords.number(times, 2)} × the usual spread`;
  if (reason.label == null) return `disagreement ${shareWords(row.disagreement)}, usually ${shareWords(data.disagreementMedian)} (${far})`;
  const label = data.labels[reason.label];
  const usual = `usually ${volumeWords(label.median, data.unit)}`;
  const volume = row.volumes[reason.label];
  return volume === 0 ? `no ${labelName(label)}, ${usual}` : `${labelName(label)} ${volumeWords(volume, data.unit)}, ${usual} (${far})`;
}

/** What bars are drawn against: for each label its longest bar, and which labels are shown first. */
export function barScales(data) {
  const largest = data.labels.map((_, index) => data.rows.reduce((most, row) => Math.max(most, row.volumes[index] ?? 0), 0));
  // One case with a hundred times the usual volume would leave all other bars without length.
  const ends = largest.map((most, index) => Math.min(most, 2.5 * data.labels[index].median || most));
  const first = data.labels.map((_, index) => index)
    .sort((one, other) => (data.labels[other].median ?? 0) - (data.labels[one].median ?? 0) || largest[other] - largest[one])
    .slice(0, SHOWN_LABELS);
  return { ends, first };
}

function bar(index, row, data, scales) {
  const label = data.labels[index];
  const volume = row.volumes[index];
  const end = scales.ends[index];
  const isFar = row.reasons.some((reason) => reason.label === index);
  const fill = element('i', volume > end ? { class: 'over' } : {});
  fill.style.width = `${end > 0 ? Math.min(100, 100 * (volume ?? 0) / end) : 0}%`;
  fill.style.background = label.color;
  const track = element('span', { class: 'track', 'aria-hidden': 'true' }, volume > 0 ? fill : null);
  if (label.median > 0 && end > 0) {
    const middle = element('b');
    middle.style.left = `${100 * label.median / end}%`;
    track.append(middle);
  }
  return [
    element('span', { class: isFar ? 'name far' : 'name', title: labelName(label) }, labelName(label)), track,
    element('span', { class: isFar ? 'value far' : 'value' }, volume == null ? 'n/a' : volumeWords(volume, data.unit)),
  ];
}

function volumes(row, data, scales) {
  const box = element('div', { class: 'volumes' });
  if (!row.volumes.length) return box;
  const far = row.reasons.map(({ label }) => label).filter((label) => label != null);
  const kept = [...new Set([...far.slice(0, SHOWN_LABELS), ...scales.first])].slice(0, Math.max(SHOWN_LABELS, Math.min(far.length, SHOWN_LABELS) + 2));
  const shown = kept.sort((one, other) => one - other);
  box.append(...shown.flatMap((index) => bar(index, row, data, scales)));
  const others = data.labels.map((_, index) => index).filter((index) => !shown.includes(index));
  if (others.length) {
    const more = element('button', { type: 'button', class: 'more', click: () => {
      more.replaceWith(...others.flatMap((index) => bar(index, row, data, scales)));
    } }, `${inWords.things(others.length, 'more label')}`);
    box.append(more);
  }
  return box;
}

function scores(row) {
  const isFar = row.reasons.some((reason) => reason.label == null);
  const pairs = [
    ['mean Dice', row.dice == null ? null : inWords.number(row.dice, 3), false],
    ['disagreement', row.disagreement == null ? null : shareWords(row.disagreement), isFar],
    ['confidence', row.confidence == null ? null : inWords.percent(row.confidence, 1), false],
    ['time', row.seconds == null ? null : duration(row.seconds), false],
  ];
  return element('dl', { class: 'scores' }, ...pairs.filter(([, value]) => value != null).flatMap(([name, value, isBad]) => [
    element('dt', {}, name), element('dd', { class: isBad ? 'far' : null }, value)]));
}

function facts(row) {
  if (!row.extent) return null;
  const isFlat = row.extent[2] === 1;
  const words = [`${inWords.size(row.extent, isFlat)} ${isFlat ? 'pixels' : 'voxels'}`];
  if (row.spacing) words.push(`${inWords.size(row.spacing.map((size) => inWords.number(size, 3)), isFlat)} mm`);
  if (row.patches) words.push(inWords.things(row.patches, 'patch') + (row.skippedPatches ? `, ${inWords.count(row.skippedPatches)} skipped` : ''));
  if (row.status === 'skipped') words.push('done by an earlier run');
  return element('p', { class: 'facts' }, words.join(' · '));
}

/** The address of a file below the folder of the page. */
const address = (path) => path.split('/').map((part) => encodeURIComponent(part)).join('/');

function badge(row) {
  if (row.status === 'failed') return element('span', { class: 'badge' }, 'failed');
  if (row.status === 'unfinished') return element('span', { class: 'badge' }, 'not finished');
  return row.reasons.length ? element('span', { class: 'badge why' }, 'stands out') : null;
}

/** The row of a case. */
export function caseRow(row, data, scales) {
  const isLost = !isDone(row);
  const name = row.page ? element('a', { href: `./${address(row.page)}`, title: 'Open the page of this scan' }, row.name) : row.name;
  const shot = element('div', { class: 'shot' }, row.picture
    ? element('img', { alt: `A slice of ${row.name}${row.volumes.length ? ' with its labels' : ''}`, decoding: 'async', src: `data:image/png;base64,${row.picture}` })
    : isLost ? 'no result' : 'no picture');
  const said = [
    ...row.reasons.slice(0, 3).map((reason) => element('li', {}, reasonWords(reason, row, data))),
    row.reasons.length > 3 ? element('li', {}, `and ${inWords.things(row.reasons.length - 3, 'more label')} far from usual`) : null,
    ...row.warnings.filter((warning) => !data.commonWarnings.has(warning)).slice(0, 3)
      .map((warning) => element('li', { class: 'warning', title: warning }, `Warning: ${warning}`)),
    row.message ? element('li', { class: 'error' }, row.message) : null,
  ].filter((item) => item != null);
  return element('li', { class: `case${isLost ? ' lost' : row.reasons.length ? ' odd' : ''}`, 'data-name': row.name }, shot,
    element('div', {}, element('h3', {}, name, badge(row)), said.length ? element('ul', { class: 'reasons' }, ...said) : null, facts(row)),
    ...(isLost ? [] : [volumes(row, data, scales), scores(row)]));
}
