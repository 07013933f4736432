// The places that a person should look at first, and the buttons that lead there.

import { AXES, byId, choosePatch, element, largestOf, page, state } from './base.js';
import { overlaysWith } from './overlays.js';

/** The length of a side of the blocks that places are compared by, in voxels of the picture. */
const BLOCK = 8;

/** The image voxel in the middle of a picture voxel along an axis. */
function imageVoxel(layer, axis, index) {
  const [count, length] = [layer.extent[axis], layer.image[axis]];
  const [from, to] = [Math.floor(index * length / count), Math.floor((index + 1) * length / count)];
  return Math.floor((from + to - 1) / 2);
}

/** The voxel with the largest `value(x, y, z)` in the block with the largest sum of them; null where none is positive. */
function worstVoxel([width, height, depth], value) {
  const [columns, rows, slices] = [width, height, depth].map((size) => Math.ceil(size / BLOCK));
  const sums = new Float64Array(columns * rows * slices);
  const largest = new Float64Array(sums.length);
  const places = new Float64Array(sums.length);
  for (let z = 0, index = 0; z < depth; z += 1) {
    for (let y = 0; y < height; y += 1) {
      const first = (Math.floor(z / BLOCK) * rows + Math.floor(y / BLOCK)) * columns;
      for (let x = 0; x < width; x += 1, index += 1) {
        const size = value(x, y, z);
        if (!(size > 0)) continue;
        const block = first + Math.floor(x / BLOCK);
        sums[block] += size;
        if (size > largest[block]) { largest[block] = size; places[block] = index; }
      }
    }
  }
  const block = sums.indexOf(largestOf(sums));
  if (sums[block] === 0) return null;
  const place = places[block];
  return [place % width, Math.floor(place / width) % height, Math.floor(place / (width * height))];
}

/** The image voxel where the values of a layer, or what is made of them, are largest, as a group; null where all are 0. */
export function worstPlace(layer, size = Number) {
  const [width, height] = layer.extent;
  const place = worstVoxel(layer.extent, (x, y, z) => Number(size(layer.levels[layer.bytes[(z * height + y) * width + x] - 1])));
  return place?.map((index, axis) => imageVoxel(layer, axis, index)) ?? null;
}

/** The image voxel on a cut plane where values jump most, beyond the jumps of the original if there is one. */
export function worstOnPlane(plane) {
  const axis = AXES.indexOf(plane.axis);
  const merged = page.layers.find((layer) => layer.name.startsWith('merged') && !layer.isColor);
  const middle = state.cursor.map((voxel, other) => (other === axis ? plane.position : voxel));
  if (!merged) return middle;
  const original = page.layers[0].role === 'base' && page.layers[0].kind === merged.kind ? page.layers[0] : null;
  const jump = (layer, x, y, z) => {
    const [width, height] = layer.extent;
    const step = [1, width, width * height][axis];
    const at = (z * height + y) * width + x;
    return Math.abs(layer.levels[layer.bytes[at] - 1] - layer.levels[layer.bytes[at - step] - 1]);
  };
  const index = Math.max(1, merged.at(axis, plane.position));
  const sizes = merged.extent.map((size, other) => (other === axis ? 1 : size));
  const hasOriginal = original?.extent.every((size, other) => size === merged.extent[other]);
  const place = worstVoxel(sizes, (...voxel) => {
    voxel[axis] = index;
    return jump(merged, ...voxel) - (hasOriginal ? jump(original, ...voxel) : 0);
  });
  return place?.map((found, other) => (other === axis ? plane.position : imageVoxel(merged, other, found))) ?? middle;
}

/** Shows another image under the overlays, with its own window. */
function showBase(base) { if (base != null && base !== state.base) state.set({ base, window: null }); }

/** A button that shows a place, with a layer over the image. The place is found when it is asked for. */
function placeButton(text, find) {
  return element('button', { type: 'button', click: () => {
    const { overlay, cursor, base } = find();
    showBase(base);
    state.set({
      overlays: overlay == null ? state.overlays : overlaysWith(overlay), cursor: cursor ?? state.cursor, chosen: null,
    });
    byId('slices').scrollIntoView();
  } }, text);
}

/** The number of the layer that shows where patches disagree; -1 if there is none. */
export const disagreementLayer = () => page.layers.findIndex(({ name }) => name === page.data.prediction?.disagreement?.layer);

/** The button for the largest difference from the original; null if that is nowhere. */
export function worstDifferenceButton() {
  const overlay = page.layers.findIndex((layer) => layer.kind === 'difference');
  const { position } = page.data.merge.difference;
  return overlay < 0 ? null : placeButton('Show the worst place', () => ({ overlay, cursor: position ?? worstPlace(page.layers[overlay]) }));
}

export function worstDisagreementButton() {
  const overlay = disagreementLayer();
  return overlay < 0 ? null : placeButton('Show the worst place', () => ({ overlay, cursor: worstPlace(page.layers[overlay]) }));
}

/** A button that selects a patch, and shows it. */
export const patchButton = (index) => element('button', { type: 'button', click: () => {
  choosePatch(index);
  byId('slices').scrollIntoView();
} }, `Show patch ${index}`);

/** The number of the merged image where it is shown in place of the image; else what is shown. */
const mergedBase = () => {
  const index = page.layers.findIndex(({ name, role }) => role === 'base' && name.startsWith('merged'));
  return index < 0 ? state.base : index;
};

/** A button that selects a patch, and shows it in the merged image. */
export const mergedPatchButton = (index) => element('button', { type: 'button', click: () => {
  showBase(mergedBase());
  choosePatch(index);
  byId('slices').scrollIntoView();
} }, `Show patch ${index}`);

export const worstSeamButton = (plane) => placeButton('Show the worst border', () => ({ base: mergedBase(), cursor: worstOnPlane(plane) }));
