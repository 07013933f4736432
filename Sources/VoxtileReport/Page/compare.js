// Two label maps compared: where they agree, and where only one of them has a label.

import { page } from './base.js';
import { Layer } from './layers.js';
import { disagreementLayer, worstPlace } from './worst.js';

/** The most label maps that are compared with each other. */
const MOST = 3;

export const AGREE = 1;
const [ONLY_A, ONLY_B, DIFFERENT] = [2, 3, 4];
const COLORS = { [AGREE]: [74, 190, 120], [ONLY_A]: [86, 180, 233], [ONLY_B]: [251, 146, 60], [DIFFERENT]: [239, 68, 68] };

function outcome(a, b) {
  if (a === b) return a === 0 ? 0 : AGREE;
  if (b === 0) return ONLY_A;
  return a === 0 ? ONLY_B : DIFFERENT;
}

/** The comparison of two label maps of the same size as bytes: the outcome plus 1, since byte 0 stands for no value. Counts them, too. */
function compared(a, b) {
  const table = new Uint8Array(256 * 256);
  [0, ...a.levels].forEach((of, row) => [0, ...b.levels].forEach((other, column) => { table[256 * row + column] = outcome(of, other) + 1; }));
  const bytes = new Uint8Array(a.bytes.length);
  const counts = new Float64Array(6);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = table[256 * a.bytes[i] + b.bytes[i]];
    bytes[i] = byte;
    counts[byte] += 1;
  }
  return { bytes, counts: counts.subarray(1) };
}

/** A layer that compares two label maps. Its numbers are those of the pictures, which are exact if both are. */
function comparison(a, b) {
  const { bytes, counts } = compared(a, b);
  const { summary } = page.data;
  const voxels = summary.imageVoxels / bytes.length;
  const milliliters = Math.abs(summary.spacing.reduce((product, step) => product * step, 1)) / 1000;
  const names = { [AGREE]: 'both agree', [ONLY_A]: `only ${a.name}`, [ONLY_B]: `only ${b.name}`, [DIFFERENT]: 'different labels' };
  const layer = new Layer({
    name: `${a.name} compared with ${b.name}`, kind: 'labels', role: 'overlay', extent: a.extent, spacing: a.spacing,
    levels: [0, AGREE, ONLY_A, ONLY_B, DIFFERENT], window: [0, 4], isExact: a.isExact && b.isExact, labels: [],
  }, bytes, a.image, null);
  layer.says = (value) => names[value] ?? 'no label';
  layer.labels = [AGREE, ONLY_A, ONLY_B, DIFFERENT].filter((value) => counts[value] > 0).map((value) => ({
    value, name: names[value], color: COLORS[value], voxels: Math.round(counts[value] * voxels),
    milliliters: counts[value] * voxels * milliliters,
    // Found when it is asked for, since that takes a moment.
    find: () => worstPlace(layer, (level) => level === value),
  }));
  layer.useLabels();
  /** The numbers of the label maps. */
  layer.compares = [page.layers.indexOf(a), page.layers.indexOf(b)];
  return layer;
}

/** Layers that compare the label maps of the page, each with each. */
export function comparisons() {
  const maps = page.layers.filter((layer, index) => layer.kind === 'labels' && index !== disagreementLayer()).slice(0, MOST);
  const made = [];
  maps.forEach((a, index) => {
    for (const b of maps.slice(index + 1)) if (a.bytes.length === b.bytes.length) made.push(comparison(a, b));
  });
  return made;
}
