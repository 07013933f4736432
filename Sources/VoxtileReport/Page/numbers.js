// The tables of numbers, and how the page was made.

import { AXES, byId, element, inWords } from './base.js';
import { barTable } from './charts.js';
import { coverColor, css } from './grid.js';

function numberTable(caption, rows) {
  return element('div', { class: 'panel scroll' }, element('table', {}, element('caption', {}, caption),
    element('tbody', {}, ...rows.filter(Boolean).map(([name, value, key]) =>
      element('tr', {}, element('th', { scope: 'row' }, name), element('td', key ? { 'data-key': key } : {}, value))))));
}

function axisTable(data) {
  const { summary } = data;
  const axes = AXES.slice(0, summary.isPlanar ? 2 : 3);
  const inMillimeters = summary.hasSpacing;
  const rows = [
    [`image, ${inWords.element}s`, summary.extent],
    inMillimeters ? ['spacing, mm', summary.spacing.map((step) => inWords.number(step))] : null,
    inMillimeters ? ['image, mm', summary.extent.map((size, axis) => inWords.number(size * summary.spacing[axis]))] : null,
    ['patch', summary.patch], ['overlap', summary.overlap], ['stride', summary.stride], ['edge', summary.edge],
    ['patches', summary.counts],
    [`lost, ${inWords.element}s`, AXES.map((axis) => summary.lost.filter((loss) => loss.axis === axis).reduce((sum, loss) => sum + loss.to - loss.from, 0))],
    inMillimeters ? ['lost, mm', AXES.map((axis) => inWords.number(summary.lost.filter((loss) => loss.axis === axis).reduce((sum, loss) => sum + loss.millimeters, 0)))] : null,
  ].filter(Boolean);
  return element('div', { class: 'panel scroll' }, element('table', {}, element('caption', {}, 'Along each axis'),
    element('thead', {}, element('tr', {}, element('th'), ...axes.map((axis) => element('th', { class: 'n', scope: 'col' }, axis)))),
    element('tbody', {}, ...rows.map(([name, values]) => element('tr', {}, element('th', { scope: 'row' }, name),
      ...values.slice(0, axes.length).map((value) => element('td', { class: 'n' }, String(value))))))));
}

function memoryWords(memory) {
  return `${inWords.bytes(memory.peakBytes)}${memory.scratchBytes ? `, ${inWords.bytes(memory.scratchBytes)} on disk` : ''} (${memory.method}, ${inWords.things(memory.jobs, 'thread')})`;
}

export function showNumbers(data, grid) {
  const { summary, origin, coverage } = data;
  const proposed = summary.lost.map((loss) => loss.losslessOverlap != null && `${loss.losslessOverlap} along ${loss.axis}`).filter(Boolean);
  const totals = numberTable('Totals', [
    ['patches', inWords.count(summary.patches), 'patches'],
    ['patch order', `${summary.order} fastest`],
    ['padding', summary.edge.some((edge) => edge.startsWith('pad')) ? summary.padding : null],
    [`${inWords.element}s in the image`, inWords.count(summary.imageVoxels), 'imageVoxels'],
    ['covered', inWords.count(summary.coveredVoxels), 'coveredVoxels'],
    ['lost', `${inWords.count(summary.lostVoxels)}${summary.lostVoxels ? ` (${inWords.percent(summary.lostVoxels, summary.imageVoxels)})` : ''}`, 'lostVoxels'],
    proposed.length ? ['overlap without loss', proposed.join(', ')] : null,
    ['redundancy', `${inWords.number(summary.redundancy, 4)} times the image`, 'redundancy'],
    ['disk, before compression', inWords.bytes(summary.outputBytes), 'outputBytes'],
    summary.cropMemory ? ['memory to crop', memoryWords(summary.cropMemory)] : null,
    summary.mergeMemory ? ['memory to merge', memoryWords(summary.mergeMemory)] : null,
    ['values', `${summary.scalarType}${summary.channels > 1 ? `, ${summary.channels} per ${inWords.element}` : ''}`],
    data.place.orientation ? ['orientation', data.place.orientation] : null,
  ].filter((row) => row && row[1] != null));
  const bars = element('div', { class: 'panel' }, barTable(`Patches per ${inWords.element}`, ['patches', `${inWords.element}s`, 'of the image'],
    coverage.histogram.map(([count, voxels]) => ({
      cells: [String(count), inWords.count(voxels), inWords.percent(voxels, summary.imageVoxels)],
      size: voxels, color: css(coverColor(count, grid.maxCovers)),
    }))));
  const shown = data.layers.map((layer) => {
    const isWhole = layer.extent.every((size, axis) => size === summary.extent[axis]);
    return [layer.name, `${inWords.size(layer.extent, grid.isFlat)} ${inWords.element}s, ${isWhole ? 'full resolution' : `for an image of ${inWords.size(summary.extent, grid.isFlat)}; each shows `
      + { intensity: 'the mean', labels: 'the label in the center', color: 'the mean', difference: 'the largest difference' }[layer.kind] + ' of its block'}`];
  });
  const made = numberTable('How it was made', [
    origin.date ? ['date', origin.date.replace('T', ' ').replace('Z', ' UTC')] : null,
    ['Voxtile', origin.version],
    ...origin.steps.map((step) => [`time to ${step.name}`, inWords.seconds(step.seconds)]),
    data.patches.folder ? ['patch folder', data.patches.folder] : null,
    ['image', summary.input],
    data.merge ? ['merged image', data.merge.output] : null,
    ...shown.map(([name, words]) => [`picture: ${name}`, words]),
  ]);
  if (origin.command) made.append(element('code', { class: 'command', 'aria-label': 'The command' }, origin.command));
  byId('tables').append(axisTable(data), totals, bars, made);
  const source = document.documentElement.dataset.slices ? 'served by this machine' : 'works offline';
  byId('foot').textContent = `Voxtile ${origin.version} · ${source}; nothing is loaded from the internet`;
}
