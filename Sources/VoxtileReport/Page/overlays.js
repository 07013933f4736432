// The overlays: which of them are shown, and how each one looks.

import { page, state } from './base.js';

/** The overlays that are shown, each one over those before it. */
export const shownOverlays = () => state.overlays.map((index) => page.layers[index]);

/**
 * Draws what lies over a slice, only where patches have been if they are played in order.
 * @param box - turns the region of a patch into x, y, width and height.
 */
export function drawRevealed(context, { grid, axis, voxel, box }, draw) {
  context.save();
  if (state.revealed != null) {
    context.beginPath();
    for (const region of grid.regionsUpTo(state.revealed, axis, voxel)) context.rect(...box(region));
    context.clip();
  }
  draw();
  context.restore();
}

/** The overlays with one that has to be seen: alone, unless it is shown already. */
export const overlaysWith = (index) => (state.overlays.includes(index) ? state.overlays : [index]);

/** Shows an overlay, or hides it. Some others are hidden with it, such as the other channels of its file. */
export function showOverlay(index, isShown, others = []) {
  const kept = state.overlays.filter((other) => other !== index && !others.includes(other));
  state.set({ overlays: isShown ? [...kept, index].toSorted((a, b) => a - b) : kept });
}

/** Hides all overlays, or shows those again that were shown last. */
export function toggleOverlays() {
  if (state.overlays.length) page.lastOverlays = state.overlays;
  state.set({ overlays: state.overlays.length ? [] : page.lastOverlays ?? page.firstOverlays });
}

/** Changes how layers are drawn over the image: their `opacity`, `hasOutlines` or `threshold`. */
export function restyle(layers, changes) {
  for (const layer of layers) Object.assign(layer, changes);
  state.set({ overlayStyles: state.overlayStyles + 1 });
}

/** Draws all shown labels as outlines, or filled. */
export function toggleOutlines() {
  const shown = shownOverlays().filter(({ styles }) => styles);
  restyle(shown, { hasOutlines: !shown.every(({ hasOutlines }) => hasOutlines) });
}

/**
 * The overlays to begin with: the first one, and outlines of other label maps over it.
 * @param hidden - an overlay that is not shown before it is asked for.
 */
export function firstOverlays(hidden) {
  const all = [...page.layers.keys()].filter((index) => page.layers[index].role === 'overlay' && page.layers[index].kind !== 'difference');
  const [first, ...others] = all;
  if (first == null) return [];
  const maps = others.filter((index) => index !== hidden && page.layers[first].styles && page.layers[index].styles);
  // Thin lines need more color.
  for (const index of maps) Object.assign(page.layers[index], { hasOutlines: true, opacity: 0.9 });
  return [first, ...maps];
}
