// The labels of a label map and their volumes.

import { byId, element, inWords, page } from './base.js';
import { barTable } from './charts.js';
import { css } from './grid.js';
import { labelColor } from './layers.js';
import { disagreementLayer } from './worst.js';

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

export function showLabels(data) {
  const body = byId('labels-body');
  const { prediction } = data;
  if (prediction?.labels) body.append(labelPanel(null, prediction.labels, prediction.labelNames));
  page.layers.forEach((layer, index) => {
    if (layer.labels?.length && index !== disagreementLayer()) body.append(labelPanel(layer, layer.labels, prediction?.labelNames));
  });
  byId('labels').hidden = body.childElementCount === 0;
}
