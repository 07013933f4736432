// The results of a merge or a prediction: differences, seams, confidence and disagreement.

import { byId, element, inWords, page } from './base.js';
import { barTable } from './charts.js';
import { seamPanel } from './seams.js';
import { disagreementLayer, worstDifferenceButton, worstDisagreementButton } from './worst.js';

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
  panel.append(element('table', {}, element('tbody', {}, ...rows.filter(Boolean).map(([name, value]) =>
    element('tr', {}, element('th', { scope: 'row' }, name), element('td', { class: 'n' }, value))))), worstDifferenceButton() ?? '');
  return panel;
}

/** What a person should know about the merge, if anything. */
function remarkPanels(remarks) {
  if (!remarks?.length) return [];
  return [element('div', { class: 'panel' }, element('h3', {}, 'Remarks'),
    element('ul', {}, ...remarks.map((remark) => element('li', {}, remark))))];
}

/** How confident the model is where it finds something; the background is most of an image, and easy. */
function foregroundConfidence({ labelConfidence: labels = [], cleansLabels }) {
  const found = labels.filter(({ label, voxels }) => label !== 0 && voxels > 0);
  const voxels = found.reduce((sum, label) => sum + label.voxels, 0);
  if (voxels === 0) return '';
  const sum = found.reduce((all, label) => all + label.mean * label.voxels, 0);
  const isListed = page.labelLists.some(({ columns }) => columns.includes('confidence'));
  return element('p', {}, `The probability of the winning class is ${inWords.percent(sum, voxels)} on average over all ${inWords.element}s with a label other than background${cleansLabels ? ', before labels were cleaned' : ''}.`,
    isListed ? ' The list of labels has it for each label.' : '');
}

function predictionPanels(prediction) {
  const panels = [];
  const { winningProbability: counts, disagreement } = prediction;
  if (counts) {
    panels.push(element('div', { class: 'panel' }, barTable('Model confidence', ['probability of the winning class', `${inWords.element}s`],
      counts.map((count, i) => ({ cells: [`${inWords.number(i / counts.length, 2)} to ${inWords.number((i + 1) / counts.length, 2)}`, inWords.count(count)], size: count }))), foregroundConfidence(prediction)));
  }
  if (disagreement) {
    panels.push(element('div', { class: 'panel' }, element('h3', {}, 'Disagreement between overlapping patches'),
      element('p', {}, `The patches disagree about ${inWords.things(disagreement.differing, inWords.element)} of the ${inWords.count(disagreement.voxels)} in more than one patch (${inWords.percent(disagreement.differing, Math.max(1, disagreement.voxels))}).`),
      disagreementLayer() < 0 ? null : worstDisagreementButton()));
  }
  return panels;
}

export function showResults(data, grid) {
  const body = byId('results-body');
  if (data.merge) body.append(...remarkPanels(data.merge.remarks), differencePanel(data), seamPanel(data, grid));
  if (data.prediction) body.append(...predictionPanels(data.prediction));
  byId('results').hidden = body.childElementCount === 0;
  byId('results-title').textContent = data.prediction ? 'After the prediction' : 'After the merge';
  byId('results-note').textContent = data.merge ? data.merge.output : '';
}
