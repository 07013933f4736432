// The list of labels: jump to one, hide, show only one, recolor, find and sort.

import { byId, element, inWords, page, state } from './base.js';
import { LabelStyles } from './labelStyles.js';
import { overlaysWith } from './overlays.js';
import { disagreementLayer } from './worst.js';

/** The most rows of a list; more are found by typing. */
const MAX_ROWS = 300;
/** The number of labels from which they can be searched. */
const MANY = 12;

const hex = (color) => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
const fromHex = (text) => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));

const COLUMNS = {
  name: ['label', (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })],
  voxels: [null, (a, b) => b.voxels - a.voxels],
  milliliters: ['ml', (a, b) => b.milliliters - a.milliliters],
  // The most doubtful label first.
  confidence: ['confidence', (a, b) => (a.confidence ?? 2) - (b.confidence ?? 2)],
};
/** Columns sorted from the smallest value. */
const ASCENDING = new Set(['name', 'confidence']);

const IN_WORDS = {
  voxels: (count) => inWords.count(count),
  milliliters: (volume) => inWords.number(volume, 4),
  confidence: (mean) => inWords.percent(mean, 1),
};

class LabelList {
  /**
   * @param index - the number of the layer; null for labels that no layer shows.
   * @param confidence - how confident a model is of each label, if they are a model's.
   */
  constructor(index, labels, names, confidence = []) {
    this.index = index;
    this.layer = index == null ? null : page.layers[index];
    this.styles = this.layer?.styles;
    const styles = this.styles ?? new LabelStyles(labels, []);
    styles.addNames(names);
    const means = new Map(confidence.map(({ label, mean }) => [label, mean]));
    this.labels = labels.filter(({ value }) => value !== 0).map((label) => ({
      ...label, name: styles.inWords(label.value), confidence: means.get(label.value),
    }));
    const { summary } = page.data;
    this.columns = ['name', 'voxels', ...(summary.hasSpacing && !summary.isPlanar ? ['milliliters'] : []), ...(means.size ? ['confidence'] : [])];
    this.order = 'voxels';
    this.body = element('tbody');
    this.more = element('p', { class: 'hint' });
    this.panel = element('div', { class: 'panel wide labels' }, this.head(), element('div', { class: 'scroll list', tabindex: 0, role: 'region', 'aria-label': 'Labels' },
      element('table', {}, element('caption', { class: 'hidden' }, `Labels of ${this.layer?.name ?? 'the prediction'}`), this.heads(), this.body)), this.more);
    this.fill();
    state.watch(['labelStyles'], () => this.mark());
  }

  head() {
    this.find = element('input', { type: 'search', placeholder: 'Find a label', 'aria-label': 'Find a label', input: () => this.fill() });
    const all = (text, isShown) => element('button', { type: 'button', click: () => this.change(() => this.styles.show(this.shown.map(({ value }) => value), isShown)) }, text);
    const isComparison = this.layer?.says != null;
    const note = isComparison && !this.layer.isExact ? ' (about: the pictures are smaller than the maps)' : '';
    return element('div', { class: 'row' }, element('h3', {}, `${isComparison ? this.layer.name : `Labels of ${this.layer?.name ?? 'the prediction'}`}${note}`),
      this.labels.length > MANY ? this.find : null,
      this.styles ? all('Show all', true) : null, this.styles ? all('Hide all', false) : null);
  }

  heads() {
    this.sorters = new Map(this.columns.map((column) => [column, element('th', { scope: 'col', class: column === 'name' ? null : `n ${column}` },
      element('button', { type: 'button', class: 'plain sort', click: () => { this.order = column; this.fill(); } }, COLUMNS[column][0] ?? `${inWords.element}s`))]));
    const [name, ...numbers] = this.sorters.values();
    return element('thead', {}, element('tr', {}, this.styles ? element('td', { class: 'switch' }) : null, name, ...numbers, this.styles ? element('td') : null));
  }

  change(make) {
    make();
    state.set({ labelStyles: state.labelStyles + 1 });
  }

  /** Makes the rows that are asked for, in order. */
  fill() {
    const wanted = this.find.value.trim().toLowerCase();
    this.shown = this.labels.filter(({ name }) => name.toLowerCase().includes(wanted)).toSorted(COLUMNS[this.order][1]);
    for (const [column, head] of this.sorters) head.setAttribute('aria-sort', column !== this.order ? 'none' : ASCENDING.has(column) ? 'ascending' : 'descending');
    this.rows = this.shown.slice(0, MAX_ROWS).map((label) => this.row(label));
    this.body.replaceChildren(...this.rows.map(({ row }) => row));
    const left = this.shown.length - this.rows.length;
    this.more.textContent = this.shown.length === 0 ? 'No label has such a name.' : left > 0 ? `and ${inWords.things(left, 'label')} more; type to find one` : '';
    this.mark();
  }

  row(label) {
    const { styles } = this;
    const cells = [element('th', { scope: 'row' }, this.nameButton(label))];
    for (const column of this.columns.slice(1)) cells.push(element('td', { class: `n ${column}` }, label[column] == null ? '' : IN_WORDS[column](label[column])));
    if (!styles) return { label, row: element('tr', {}, ...cells) };
    const box = element('input', { type: 'checkbox', 'aria-label': `Show ${label.name}`, change: () => this.change(() => styles.show([label.value], box.checked)) });
    const color = element('input', { type: 'color', value: hex(styles.color(label.value)), 'aria-label': `Color of ${label.name}`, input: () => this.change(() => styles.recolor(label.value, fromHex(color.value))) });
    const only = element('button', { type: 'button', 'aria-label': `Show only ${label.name}`, click: () => this.change(() => styles.solo(label.value)) }, 'Only');
    return { label, box, only, row: element('tr', {}, element('td', { class: 'switch' }, box, color), ...cells, element('td', { class: 'n' }, only)) };
  }

  nameButton(label) {
    // A number beside its name needs no word, and an outcome no number.
    const [, number, name] = label.name.match(/^label (\S+): (.*)$/u) ?? [];
    const words = name == null ? [label.name] : [this.layer?.says ? '' : element('small', {}, number), ' ', name];
    if (!this.layer || !(label.place || label.find)) return element('span', {}, ...words);
    return element('button', { type: 'button', class: 'plain name', title: 'Show where it is', click: () => this.jump(label) }, ...words);
  }

  /** Moves the cursor into a label, and shows it if it is hidden. */
  jump(label) {
    if (this.styles.isHidden(label.value)) this.change(() => this.styles.show([label.value], true));
    label.place ??= label.find();
    state.set({ cursor: label.place, chosen: null, ...(this.layer.role === 'overlay' ? { overlays: overlaysWith(this.index) } : { base: this.index }) });
    byId('stage').scrollIntoView({ block: 'nearest' });
  }

  mark() {
    for (const { label, box, only, row } of this.rows) {
      if (!box) continue;
      const isHidden = this.styles.isHidden(label.value);
      box.checked = !isHidden;
      row.classList.toggle('off', isHidden);
      only.setAttribute('aria-pressed', String(this.styles.only === label.value));
    }
  }
}

/** Goes to the first label whose name contains a text. Returns what is wrong, or an empty text. */
export function goToLabel(text) {
  const wanted = text.trim().toLowerCase();
  for (const list of page.labelLists) {
    const label = list.labels.find(({ name, place }) => place && name.toLowerCase().includes(wanted));
    if (label) { list.jump(label); return ''; }
  }
  return `No label has a name with “${text.trim()}”.`;
}

/** The largest labels with their volumes, for the summary; null if there are none. */
export function largestLabels(most = 4) {
  const [list] = page.labelLists;
  if (!list) return null;
  const hasVolumes = list.columns.includes('milliliters');
  const shown = list.labels.toSorted(COLUMNS.voxels[1]).slice(0, most).map(({ name, voxels, milliliters }) =>
    `${name.replace(/^label \S+: /u, '')} (${hasVolumes ? `${inWords.number(milliliters, 3)} ml` : inWords.things(voxels, inWords.element)})`);
  const left = list.labels.length - shown.length;
  return `${inWords.things(list.labels.length, 'label')}: ${shown.join(', ')}${left > 0 ? ` and ${inWords.count(left)} more` : ''}.`;
}

/** A map of disagreement has no labels with names: it says where patches agree. */
function showDisagreement() {
  const map = page.layers[disagreementLayer()];
  if (map?.kind !== 'labels') return;
  map.says = (value) => (value === 0 ? 'patches agree' : 'patches disagree');
  map.styles.recolor(1, [249, 112, 102]);
}

export function showLabels({ prediction }) {
  showDisagreement();
  page.layers.forEach((layer, index) => {
    if (!layer.labels?.some(({ value }) => value !== 0) || index === disagreementLayer()) return;
    const isPredicted = layer.role === 'overlay' && !layer.says;
    page.labelLists.push(new LabelList(index, layer.labels, layer.says ? [] : prediction?.labelNames, isPredicted ? prediction?.labelConfidence : []));
  });
  if (prediction?.labels && page.labelLists.length === 0) page.labelLists.push(new LabelList(null, prediction.labels, prediction.labelNames, prediction.labelConfidence));
  byId('labels-body').append(...page.labelLists.map(({ panel }) => panel));
  byId('labels').hidden = page.labelLists.length === 0;
  byId('labels-note').textContent = page.labelLists.some(({ layer }) => layer) ? 'Click a name to go there.' : '';
}
