// The texts of the page: the summary, the explained terms, and the drawing of each axis.

import { AXES, byId, drawing, element, fitted, inWords } from './base.js';
import { coverColor, css } from './grid.js';

function edgeWords(policy) {
  const padded = `and the missing ${inWords.element}s are padded. Nothing is lost.`;
  return {
    shift: 'With “shift”, the last patch moves inward until it fits. It overlaps more with its neighbor, and nothing is lost.',
    balance: 'With “balance”, all patches are spread evenly so that the last one fits. Nothing is lost.',
    pad: `With “pad”, the grid extends beyond the end of the image, ${padded}`,
    'pad-both': `With “pad-both”, the grid extends beyond both ends of the image, ${padded}`,
    partial: 'With “partial”, the last patch is cut off at the end of the image. Nothing is lost.',
    discard: 'With “discard”, a patch that does not fit is left out.',
  }[policy] ?? '';
}

/** Sizes along the axes that the image has, with their unit in front: ` of 1 × 1 × 2 mm`; nothing for unknown sizes. */
function millimeters(data, lead, sizes) {
  if (!data.summary.hasSpacing) return '';
  const shown = sizes.slice(0, data.summary.isPlanar ? 2 : 3).map((size) => inWords.number(size, 3));
  return `${lead}${shown.join('\u00a0×\u00a0')} mm`;
}

function glance(data, grid) {
  const { summary } = data;
  const flat = grid.isFlat;
  const once = data.coverage.histogram.find(([count]) => count === 1)?.[1] ?? 0;
  const cut = data.patches.folder || data.prediction ? 'was cut' : 'would be cut';
  const words = [`${inWords.size(summary.extent, flat)} ${inWords.element}s${millimeters(data, ' of ', summary.spacing)}`];
  if (summary.channels > 1) words.push(`with ${summary.channels} channels`);
  let text = `The image has ${words.join(', ')}. It ${cut} into ${inWords.things(summary.patches, 'patch')} of ${inWords.size(summary.patch, flat)} ${inWords.element}s`;
  if (summary.patches > 1) {
    text += summary.overlap.some((overlap) => overlap > 0)
      ? ' that overlap: '
        + (once === summary.imageVoxels ? `here, every ${inWords.element} is in exactly one patch` : `${inWords.percent(once, summary.imageVoxels)} of all ${inWords.element}s are in one patch only, the others in up to ${grid.maxCovers}`)
      : ' that do not overlap';
  }
  return `${text}.`;
}

function cards(data, grid) {
  const { summary } = data;
  const flat = grid.isFlat;
  const card = (title, value, note, isBad = false) =>
    element('div', isBad ? { class: 'bad' } : {}, element('dt', {}, title), element('dd', {}, value, note ? element('small', {}, note) : null));
  const made = [
    card('Patches', inWords.count(summary.patches), inWords.size(summary.counts, flat)),
    card('Patch', inWords.size(summary.patch, flat), `${inWords.element}s`),
    card('Overlap', inWords.size(summary.overlap, flat), `shared ${inWords.element}s`),
    card('Stride', inWords.size(summary.stride, flat), 'from start to start'),
    card('Lost', inWords.count(summary.lostVoxels), summary.lostVoxels ? `${inWords.element}s, ${inWords.percent(summary.lostVoxels, summary.imageVoxels)}` : `${inWords.element}s; all are covered`, summary.lostVoxels > 0),
    card('Redundancy', `${inWords.number(summary.redundancy, 3)} ×`, `the ${inWords.element}s in the image`),
  ];
  const difference = data.merge?.difference;
  if (difference) {
    made.push(card('Merged', difference.differing === 0 ? 'identical' : inWords.count(difference.differing),
      difference.differing === 0 ? 'to the original' : 'values differ from the original', difference.differing > 0));
  }
  return made;
}

/** Describes what is lost and where; null if nothing is lost. */
function lostWords(data) {
  const { summary } = data;
  if (summary.lostVoxels === 0) return null;
  const places = summary.lost.map((loss) =>
    `${inWords.things(loss.to - loss.from, inWords.element)}${summary.hasSpacing ? ` (${inWords.number(loss.millimeters, 3)} mm)` : ''} at ${loss.axis} = ${inWords.run([loss.from, loss.to])}`);
  return `${inWords.things(summary.lostVoxels, inWords.element)} (${inWords.percent(summary.lostVoxels, summary.imageVoxels)}) `
    + `${summary.lostVoxels === 1 ? 'is' : 'are'} not in any patch: ${places.join('; ')}. They are red in all pictures.`;
}

function terms(data, grid) {
  const { summary } = data;
  const flat = grid.isFlat;
  const axis = [0, 1, 2].reduce((best, other) => (summary.counts[other] > summary.counts[best] ? other : best), 0);
  const name = AXES[axis];
  const mm = millimeters(data, ', which is ', summary.patch.map((size, i) => size * grid.spacing[i]));
  const [size, overlap, stride] = [summary.patch[axis], summary.overlap[axis], summary.stride[axis]];
  const term = (title, value, text, isBad = false) =>
    element('div', { class: isBad ? 'panel bad' : 'panel' }, element('h3', {}, title, element('span', {}, value)), element('p', {}, text));
  const policies = [...new Set(summary.edge.slice(0, flat ? 2 : 3))];
  const lost = summary.lost.map((loss) => `${inWords.things(loss.to - loss.from, inWords.element)} at ${loss.axis} = ${inWords.run([loss.from, loss.to])}`);
  return [
    term('Patch', inWords.size(summary.patch, flat),
      `A box cut from the image: ${inWords.size(summary.patch, flat)} ${inWords.element}s${mm}. A network processes one patch at a time, because the whole image does not fit in memory, and downsampling it would lose small structures.`),
    term('Overlap', inWords.size(summary.overlap, flat),
      overlap > 0
        ? `The ${inWords.element}s shared by two neighboring patches: ${overlap} of ${size} along ${name}. A network predicts worst near the border of a patch, because it cannot see beyond it. Where patches overlap, their predictions are combined, and borders are less visible.`
        : `The ${inWords.element}s shared by two neighboring patches: none here. Borders between patches may be visible in the result.`),
    term('Stride', inWords.size(summary.stride, flat),
      `The step from the start of one patch to the start of the next, which is the patch size minus the overlap: ${size} − ${overlap} = ${stride} ${inWords.element}s along ${name}. A smaller stride means more patches, more work and smoother results.`),
    term('Lost border', summary.lostVoxels ? `${inWords.count(summary.lostVoxels)} ${inWords.element}s` : 'none',
      `An image size is rarely an exact fit for patches and strides. ${policies.map(edgeWords).join(' ')}`
        + (lost.length ? ` Lost here: ${lost.join(', ')}.` : summary.lostVoxels === 0 && policies.includes('discard') ? ' Here, the patches fit exactly.' : ''),
      summary.lostVoxels > 0),
  ];
}

const isDark = ([r, g, b]) => 0.3 * r + 0.6 * g + 0.1 * b < 110;

/** Draws how one axis is cut: the image as a bar with the coverage of each voxel, and the patches below it. */
function axisDrawing(data, grid, axis, whole) {
  const [low, high] = grid.hull[axis];
  const scale = (whole - 40) / (high - low);
  const x = (voxel) => 20 + (voxel - low) * scale;
  const ranges = grid.ranges[axis].slice(0, 60);
  const { summary } = data;
  // Each patch goes to the first free lane; with more than eight lanes they wrap.
  const ends = [];
  const laneOf = ranges.map(([from, to], index) => {
    const free = ends.findIndex((end) => end <= from);
    const lane = free >= 0 ? free : ends.length < 8 ? ends.length : index % 8;
    ends[lane] = to;
    return lane;
  });
  const lanes = ends.length;
  const [top, high2] = [38, lanes > 5 ? 9 : 16];
  const bottom = top + lanes * (high2 + 4) + 8;
  const svg = drawing('svg', { viewBox: `0 0 ${whole} ${bottom + 22}`, role: 'img', 'aria-label': `Along ${AXES[axis]}: ${inWords.things(summary.counts[axis], 'patch')} of ${summary.patch[axis]} ${inWords.element}s, stride ${summary.stride[axis]}` });
  // The image, colored by the coverage of each coordinate.
  const covers = grid.covers[axis];
  const most = Math.max(...new Set(covers));
  for (let from = 0; from < covers.length;) {
    let to = from + 1;
    while (to < covers.length && covers[to] === covers[from]) to += 1;
    const width = (to - from) * scale;
    svg.append(drawing('rect', { x: x(from), y: 10, width: Math.max(0.4, width - 0.6), height: 18, rx: 2, fill: css(coverColor(covers[from], most)) }));
    if (width > 17) {
      const label = drawing('text', { x: x(from) + width / 2, y: 23, 'text-anchor': 'middle', style: `fill:${isDark(coverColor(covers[from], most)) ? '#fff' : '#10151b'};font-weight:600;font-size:11px` });
      label.append(covers[from] === 0 ? (width > 40 ? 'lost' : '0') : `${covers[from]}`);
      svg.append(label);
    }
    from = to;
  }
  ranges.forEach(([from, to], index) => {
    const y = top + laneOf[index] * (high2 + 4);
    const isOut = from < 0 || to > grid.extent[axis];
    svg.append(drawing('rect', {
      x: x(from) + 0.5, y, width: Math.max(1, (to - from) * scale - 1), height: high2, rx: 3,
      style: `fill:var(--accent);fill-opacity:.2;stroke:var(--accent);stroke-width:1.2${isOut ? ';stroke-dasharray:4 3' : ''}`,
    }));
    if ((to - from) * scale > 52 && high2 > 12) {
      const label = drawing('text', { x: x(from) + 6, y: y + 12, style: 'font-size:11px' });
      label.append(`${from}…${to - 1}`);
      svg.append(label);
    }
  });
  const word = (text, at, anchor) => {
    const label = drawing('text', { x: at, y: bottom + 12, class: 'soft', 'text-anchor': anchor });
    label.append(text);
    svg.append(label);
  };
  word('0', x(0), 'start');
  word(String(grid.extent[axis] - 1), x(grid.extent[axis]), 'end');
  const dropped = grid.ranges[axis].length - ranges.length;
  word(`${AXES[axis]}: ${inWords.things(summary.counts[axis], 'patch')} of ${summary.patch[axis]}, stride ${summary.stride[axis]}, ${summary.edge[axis]}${dropped ? ` (first ${ranges.length} shown)` : ''}`, whole / 2, 'middle');
  return svg;
}

export function showWords(data, grid) {
  const unit = data.place.orientation;
  byId('subtitle').textContent = [
    data.patches.folder ? `patch folder ${data.patches.folder.split('/').findLast(Boolean)}`
      : data.prediction ? `predicted with ${data.prediction.model.split('/').at(-1)}` : 'plan: not cropped yet',
    data.summary.scalarType, unit ? `orientation ${unit}` : null,
  ].filter(Boolean).join(' · ');
  byId('glance').textContent = glance(data, grid);
  byId('cards').append(...cards(data, grid));
  const lost = lostWords(data);
  byId('lost-note').hidden = !lost;
  byId('lost-note').textContent = lost ?? '';
  byId('terms').append(...terms(data, grid));
  byId('axes').append(element('h3', {}, 'Coverage of each coordinate, and the patches below'));
  [0, 1, 2].filter((axis) => grid.extent[axis] > 1).forEach((axis) => byId('axes').append(fitted((width) => axisDrawing(data, grid, axis, width))));
}
