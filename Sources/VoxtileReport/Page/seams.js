// How visible the patch borders are in a merged image.

import { AXES, drawing, element, fitted, inWords, largestOf } from './base.js';
import { swatch } from './charts.js';
import { mergedPatchButton, worstSeamButton } from './worst.js';

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
  // A score below 1 is no border that one sees, however low that of the original is.
  if (plane.score != null) return plane.score / Math.max(plane.originalScore ?? 1, 1);
  // No values jump next to the plane. That is expected only if it is the same in the original.
  const isNatural = seams.original && plane.originalScore == null;
  return isNatural ? plane.across / Math.max(seams.original[plane.axis][plane.position], 1e-300) : Infinity;
}

/** The cut plane that is most visible, how visible it is, and in a word; null if no plane lies inside the image. */
export function worstSeam(seams) {
  const excesses = seams.planes.map((plane) => seamExcess(plane, seams));
  const excess = largestOf(excesses);
  const plane = seams.planes[excesses.indexOf(excess)];
  if (!plane) return null;
  // Without an original, edges in the image itself raise the score, so the limits are higher.
  const [little, much] = seams.original ? [1.1, 1.3] : [1.15, 1.6];
  return { plane, verdict: excess < little ? 'no' : excess < much ? 'barely' : 'yes' };
}

/** The patches whose borders stand out from those of the others, the worst first. */
export const patchesThatStandOut = ({ patches }) =>
  // A side of a good patch beside a wrong one is visible, too, so that its score is higher than usual.
  patches?.worst.filter(({ score }) => score >= 1.5 && score >= 1.4 * patches.median && score >= 0.5 * patches.worst[0].score) ?? [];

/** Which patches stand out, in words. */
export function standOutWords(seams, grid) {
  const [worst, ...others] = patchesThatStandOut(seams);
  if (!worst) return null;
  const { file } = grid.patch(worst.index);
  const more = others.length ? `, and so ${others.length === 1 ? 'does' : 'do'} ${others.slice(0, 5).map(({ index }) => index).join(', ')}${others.length > 5 ? ' and others' : ''}` : '';
  return `Patch ${worst.index}${file ? ` (${file})` : ''} stands out${more}: at its sides, values jump ${inWords.number(worst.score, 3)} times as much as beside them.`;
}

export function seamPanel(data, grid) {
  const { seams } = data.merge;
  const found = worstSeam(seams);
  const panel = element('div', { class: 'panel wide' }, element('h3', {}, 'Are patch borders visible?'));
  if (!found) {
    panel.append(element('p', {}, 'There are no cut planes inside the image.'));
    return panel;
  }
  const { plane: worst, verdict } = found;
  panel.append(element('p', {},
    element('b', { class: { no: 'good', barely: '', yes: 'badtext' }[verdict] }, { no: 'No.', barely: 'Barely.', yes: 'Yes.' }[verdict]),
    ` The seam score of a cut plane is the mean jump of values across it, divided by the mean jump one ${inWords.element} away. A score of 1 means that it looks like its surroundings. `
    + (worst.score == null
      ? `At ${worst.axis} = ${worst.position}, values jump by ${inWords.number(worst.across, 3)} on average, and not at all one ${inWords.element} away${seams.original ? `; in the original, they jump by ${inWords.number(seams.original[worst.axis][worst.position], 3)}` : ''}`
      : `The most visible of ${inWords.things(seams.planes.length, 'plane')} has ${inWords.number(worst.score, 3)} at ${worst.axis} = ${worst.position}`)
    + (worst.score != null && worst.originalScore != null ? `; the original has ${inWords.number(worst.originalScore, 3)} there.` : '.')
    + ' The score is a mean over the whole plane, so one wrong patch among many changes it little.'),
    element('div', { class: 'row' }, worstSeamButton(worst)));
  const { patches } = seams;
  if (patches) {
    panel.append(element('p', {}, standOutWords(seams, grid) ?? `No patch stands out. The sides of patch ${patches.worst[0].index} are the most visible, with a score of ${inWords.number(patches.worst[0].score, 3)}; the median of all patches is ${inWords.number(patches.median, 3)}.`,
      ' The score of a patch is the median of its sides.'), element('div', { class: 'row' }, ...patchesThatStandOut(seams).slice(0, 6).map(({ index }) => mergedPatchButton(index))));
  }
  panel.append(element('p', { class: 'key' }, element('span', {}, swatch('var(--accent)'), 'merged'),
    seams.original ? element('span', {}, swatch('var(--soft)'), 'original') : null,
    element('span', {}, swatch('var(--chosen)'), 'cut planes')));
  [0, 1, 2].filter((axis) => grid.extent[axis] > 2 && seams.planes.some((plane) => plane.axis === AXES[axis]))
    .forEach((axis) => panel.append(fitted((width) => seamDrawing(seams, axis, width))));
  return panel;
}
