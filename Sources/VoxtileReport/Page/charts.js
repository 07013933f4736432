// The results of a merge or a prediction: differences, seams and labels.

import { AXES, byId, drawing, element, fitted, inWords, largestOf, page, state } from './base.js';
import { css } from './grid.js';
import { labelColor } from './layers.js';

/** A bar chart as a table, so that screen readers can read it. */
export function barTable(caption, heads, rows) {
  const most = largestOf(rows.map((row) => row.size), 1e-300);
  return element('div', { class: 'scroll' }, element('table', {}, element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head, i) => element('th', i ? { class: 'n' } : {}, head)), element('th', { 'aria-hidden': 'true' }))),
    element('tbody', {}, ...rows.map((row) => {
      const bar = element('span', { class: row.size > 0 ? 'bar' : 'bar none' });
      bar.style.width = `${Math.max(0.5, 100 * row.size / most)}%`;
      bar.style.background = row.color ?? 'var(--accent)';
      return element('tr', {},
        ...row.cells.map((cell, i) => (i === 0
          ? element('th', { scope: 'row' }, row.color ? swatch(row.color) : null, cell) : element('td', { class: 'n' }, cell))),
        element('td', { style: 'width:38%', 'aria-hidden': 'true' }, bar));
    }))));
}

export function swatch(color) {
  const made = element('span', { class: 'swatch' });
  made.style.background = color;
  return made;
}

/** A button that shows a layer as overlay, and moves the cursor if a voxel is given. */
function showButton(overlay, cursor) {
  return element('button', { type: 'button', click: () => {
    state.set({ overlay, cursor: cursor ?? state.cursor });
    byId('slices').scrollIntoView();
  } }, 'Show where');
}

function differencePanel(data) {
  const { difference, output, blend } = data.merge;
  const panel = element('div', { class: 'panel' }, element('h3', {}, 'Difference from the original'));
  if (!difference) {
    panel.append(element('p', {}, data.layers[0].name.startsWith('patches')
      ? 'The original image was not found. Specify it when you make the report to compare values.'
      : 'The merged image and the original are of different kinds, so their values are not compared.'));
    return panel;
  }
  if (difference.differing === 0) {
    panel.append(element('p', { class: 'good' }, `None. All ${inWords.count(difference.values)} values of ${output} equal the original.`));
    return panel;
  }
  const [once, several, none] = difference.differingByCover;
  const rows = [
    ['differing values', `${inWords.count(difference.differing)} (${inWords.percent(difference.differing, difference.values)})`],
    difference.incomparable > 0
      ? ['not comparable (NaN or infinite in one image)', inWords.count(difference.incomparable)] : null,
    ['largest difference', inWords.number(difference.largest)],
    difference.position ? [`at ${inWords.element}`, `(${difference.position.slice(0, data.summary.isPlanar ? 2 : 3).join(', ')})`] : null,
    ['mean difference', inWords.number(difference.mean)],
    ['differing, in one patch', inWords.count(once)],
    ['differing, in several patches', inWords.count(several)],
    ['differing, in no patch', inWords.count(none)],
  ];
  if (blend) rows.push(['blend', blend]);
  const show = showButton(page.layers.findIndex((layer) => layer.kind === 'difference'), difference.position);
  panel.append(element('table', {}, element('tbody', {}, ...rows.filter(Boolean).map(([name, value]) =>
    element('tr', {}, element('th', { scope: 'row' }, name), element('td', { class: 'n' }, value))))), show);
  return panel;
}

/** What a person should know about the merge, if anything. */
function remarkPanels(remarks) {
  if (!remarks?.length) return [];
  return [element('div', { class: 'panel' }, element('h3', {}, 'Remarks'),
    element('ul', {}, ...remarks.map((remark) => element('li', {}, remark))))];
}

/** A chart of the mean jumps between neighbors along an axis, with a dot for each cut plane. */
function seamDrawing(seams, axis, whole) {
  const name = AXES[axis];
  const merged = seams.merged[name];
  const original = seams.original?.[name];
  const planes = seams.planes.filter((plane) => plane.axis === name);
  const most = largestOf(original ?? [], largestOf(merged, 1e-300)) * 1.06;
  const [left, width, height] = [52, whole - 60, 132];
  const x = (voxel) => left + voxel * width / Math.max(1, merged.length - 1);
  const y = (value) => 12 + (height - 12) * (1 - value / most);
  const svg = drawing('svg', { viewBox: `0 0 ${whole} ${height + 34}`, role: 'img', 'aria-label': `Mean jump between neighbors along ${name}, with ${planes.length} cut planes` });
  const line = (values, style) => {
    const step = Math.max(1, Math.floor(values.length / 2000));
    const points = values.map((value, i) => (i === 0 || i % step ? '' : `${x(i).toFixed(1)},${y(value).toFixed(1)}`)).filter(Boolean).join(' ');
    svg.append(drawing('polyline', { points, style: `fill:none;${style}` }));
  };
  const text = (words, at, down, anchor = 'middle') => {
    const label = drawing('text', { x: at, y: down, class: 'soft', 'text-anchor': anchor });
    label.append(words);
    svg.append(label);
  };
  svg.append(drawing('line', { x1: left, x2: left + width, y1: height, y2: height, style: 'stroke:var(--line)' }));
  for (const plane of planes.slice(0, 300)) {
    svg.append(drawing('line', { x1: x(plane.position), x2: x(plane.position), y1: y(plane.across), y2: height, style: 'stroke:var(--chosen);stroke-opacity:.45' }));
  }
  if (original) line(original, 'stroke:var(--soft);stroke-width:3.5;stroke-opacity:.4');
  line(merged, 'stroke:var(--accent);stroke-width:1.5');
  for (const plane of planes.slice(0, 300)) {
    const dot = drawing('circle', { cx: x(plane.position), cy: y(plane.across), r: 3.6, style: 'fill:var(--chosen)' });
    dot.append(drawing('title', {}, `${name} = ${plane.position}: ${plane.score == null ? 'no jump next to it' : `score ${inWords.number(plane.score, 3)}`}`));
    svg.append(dot);
  }
  text(inWords.number(most / 1.06, 2), left - 6, 22, 'end');
  text('0', left - 6, height + 4, 'end');
  text('0', left, height + 16);
  text(String(merged.length - 1), left + width, height + 16, 'end');
  text(`mean jump between neighboring ${inWords.element}s along ${name}`, left + width / 2, height + 28);
  return svg;
}

/** How much more visible a plane is than in the original: its score divided by the original's. */
function seamExcess(plane, seams) {
  if (plane.score != null) return plane.score / Math.max(plane.originalScore ?? 1, 1e-9);
  // No values jump next to the plane. That is expected only if it is the same in the original.
  const isNatural = seams.original && plane.originalScore == null;
  return isNatural ? plane.across / Math.max(seams.original[plane.axis][plane.position], 1e-300) : Infinity;
}

function seamPanel(data, grid) {
  const { seams } = data.merge;
  const excesses = seams.planes.map((plane) => seamExcess(plane, seams));
  const excess = largestOf(excesses);
  const worst = seams.planes[excesses.indexOf(excess)];
  const panel = element('div', { class: 'panel wide' }, element('h3', {}, 'Are patch borders visible?'));
  if (!worst) {
    panel.append(element('p', {}, 'There are no cut planes inside the image.'));
    return panel;
  }
  // Without an original, edges in the image itself raise the score, so the limits are higher.
  const [little, much] = seams.original ? [1.1, 1.3] : [1.15, 1.6];
  const verdict = excess < little ? 'No.' : excess < much ? 'Barely.' : 'Yes.';
  panel.append(element('p', {},
    element('b', { class: excess < little ? 'good' : excess < much ? '' : 'badtext' }, verdict),
    ` The seam score of a cut plane is the mean jump of values across it, divided by the mean jump one ${inWords.element} away. A score of 1 means that it looks like its surroundings. `
    + (worst.score == null
      ? `At ${worst.axis} = ${worst.position}, values jump by ${inWords.number(worst.across, 3)} on average, and not at all one ${inWords.element} away${seams.original ? `; in the original, they jump by ${inWords.number(seams.original[worst.axis][worst.position], 3)}` : ''}`
      : `The most visible of ${inWords.things(seams.planes.length, 'plane')} has ${inWords.number(worst.score, 3)} at ${worst.axis} = ${worst.position}`)
    + (worst.score != null && worst.originalScore != null ? `; the original has ${inWords.number(worst.originalScore, 3)} there.` : '.')
    + ' The score is a mean over the whole plane, so one wrong patch among many changes it little.'));
  panel.append(element('p', { class: 'key' }, element('span', {}, swatch('var(--accent)'), 'merged'),
    seams.original ? element('span', {}, swatch('var(--soft)'), 'original') : null,
    element('span', {}, swatch('var(--chosen)'), 'cut planes')));
  [0, 1, 2].filter((axis) => grid.extent[axis] > 2 && seams.planes.some((plane) => plane.axis === AXES[axis]))
    .forEach((axis) => panel.append(fitted((width) => seamDrawing(seams, axis, width))));
  return panel;
}

function labelPanel(layer, labels, names) {
  const { summary } = page.data;
  const hasVolumes = summary.hasSpacing && !summary.isPlanar;
  const name = ({ value }) => names?.find(({ label }) => label === value)?.name;
  const rows = labels.filter((label) => label.value !== 0).slice(0, 30).map((label) => {
    const index = layer ? layer.levels.indexOf(label.value) : -1;
    return {
      cells: [name(label) ? `${inWords.label(label.value)}: ${name(label)}` : inWords.label(label.value), inWords.count(label.voxels), ...(hasVolumes ? [inWords.number(label.milliliters, 4)] : [])],
      size: label.voxels, color: index < 0 ? null : css(labelColor(index)),
    };
  });
  const more = labels.filter((label) => label.value !== 0).length - rows.length;
  const panel = element('div', { class: 'panel' },
    barTable(`Labels of ${layer?.name ?? 'the prediction'}`, ['label', `${inWords.element}s`, ...(hasVolumes ? ['ml'] : [])], rows));
  if (more > 0) panel.append(element('p', { class: 'hint' }, `and ${inWords.things(more, 'smaller label')}`));
  return panel;
}

function predictionPanels(prediction) {
  const panels = [];
  const { winningProbability: counts, disagreement } = prediction;
  if (prediction.labels) panels.push(labelPanel(null, prediction.labels, prediction.labelNames));
  if (counts) {
    panels.push(element('div', { class: 'panel' }, barTable('Model confidence', ['probability of the winning class', `${inWords.element}s`],
      counts.map((count, i) => ({ cells: [`${inWords.number(i / counts.length, 2)} to ${inWords.number((i + 1) / counts.length, 2)}`, inWords.count(count)], size: count })))));
  }
  if (disagreement) {
    const layer = page.layers.findIndex(({ name }) => name === disagreement.layer);
    panels.push(element('div', { class: 'panel' }, element('h3', {}, 'Disagreement between overlapping patches'),
      element('p', {}, `The patches disagree about ${inWords.things(disagreement.differing, inWords.element)} of the ${inWords.count(disagreement.voxels)} in more than one patch (${inWords.percent(disagreement.differing, Math.max(1, disagreement.voxels))}).`),
      layer < 0 ? null : showButton(layer)));
  }
  return panels;
}

export function showResults(data, grid) {
  const body = byId('results-body');
  if (data.merge) body.append(...remarkPanels(data.merge.remarks), differencePanel(data), seamPanel(data, grid));
  if (data.prediction) body.append(...predictionPanels(data.prediction));
  for (const layer of page.layers) if (layer.labels?.length && layer.name !== data.prediction?.disagreement?.layer) body.append(labelPanel(layer, layer.labels, data.prediction?.labelNames));
  byId('results').hidden = body.childElementCount === 0;
  byId('results-title').textContent = data.prediction ? 'After the prediction' : data.merge ? 'After the merge' : 'Labels';
  byId('results-note').textContent = data.merge ? data.merge.output : '';
}
