// What lies at the cursor, and going to a place that is given in numbers.

import { element, inWords, page, state } from './base.js';
import { swatch } from './charts.js';
import { coverColor, css } from './grid.js';
import { shownBase } from './layers.js';
import { shownOverlays } from './overlays.js';

/** The millimeters of a voxel. */
export const toMillimeters = (voxel) =>
  page.data.place.affine.map((row) => row[0] * voxel[0] + row[1] * voxel[1] + row[2] * voxel[2] + row[3]);

/** The voxel, with fractions, of a place in millimeters; null if the affine cannot be inverted. */
export function toVoxel(millimeters) {
  const [a, b, c] = page.data.place.affine;
  const cross = (p, q) => [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
  const [bc, ca, ab] = [cross(b, c), cross(c, a), cross(a, b)];
  const volume = a[0] * bc[0] + a[1] * bc[1] + a[2] * bc[2];
  if (!Number.isFinite(1 / volume)) return null;
  const [x, y, z] = [millimeters[0] - a[3], millimeters[1] - b[3], millimeters[2] - c[3]];
  return [0, 1, 2].map((axis) => (bc[axis] * x + ca[axis] * y + ab[axis] * z) / volume);
}

/** Describes the voxel at the cursor, the patches that contain it, and their files. */
export function readout() {
  const { grid, data } = page;
  const { cursor } = state;
  const flat = grid.isFlat;
  const shown = cursor.slice(0, flat ? 2 : 3);
  const parts = [element('b', {}, `(${shown.join(', ')})`), ` ${shownBase().valueAt(cursor)}`];
  for (const overlay of shownOverlays()) parts.push(`, ${overlay.name}: ${overlay.valueAt(cursor)}`);
  if (data.place.orientation) parts.push(` · ${toMillimeters(cursor).map((value) => value.toFixed(1)).join(', ')} mm`);
  const covers = grid.coverage(cursor);
  if (covers === 0) {
    parts.push(element('br'), swatch(css(coverColor(0, 1))), element('b', {}, 'lost'), `: this ${inWords.element} is not in any patch`);
    return parts;
  }
  const index = state.chosen != null && grid.holds(grid.patch(state.chosen), cursor) ? state.chosen : grid.nearest(cursor);
  const patch = grid.patch(index);
  const others = grid.patchesAt(cursor, 9).filter((other) => other !== index);
  parts.push(element('br'), swatch(css(coverColor(covers, grid.maxCovers))), element('b', {}, `patch ${index}`),
    `${patch.file ? ` · ${patch.file}` : ''} · ${grid.regionInWords(patch.region)}`);
  if (covers > 1) parts.push(` · also in ${others.slice(0, 7).join(', ')}${covers > 8 ? ` and ${inWords.count(covers - 8)} more` : ''}`);
  return parts;
}

/** Goes to a place such as `10, -20, 30`, in voxels or mm. Returns what is wrong with it, or an empty text. */
export function goTo(text, unit) {
  const { grid } = page;
  const count = grid.isFlat ? 2 : 3;
  const numbers = text.split(/[\s,;()]+/u).filter(Boolean).map(Number);
  if (numbers.length !== count || !numbers.every(Number.isFinite)) return `Give ${count} numbers, such as ${grid.isFlat ? '10, 20' : '10, 20, 30'}.`;
  const voxel = unit === 'mm' ? toVoxel(numbers)?.map(Math.round) : [...numbers.map(Math.round), 0].slice(0, 3);
  if (!voxel) return 'The image has no place in mm.';
  const isInside = voxel.every((value, axis) => value >= 0 && value < grid.extent[axis]);
  if (!isInside) return `That is outside the image: ${inWords.element} (${voxel.slice(0, count).join(', ')}) of ${inWords.size(grid.extent, grid.isFlat)}.`;
  state.set({ cursor: voxel });
  return '';
}
