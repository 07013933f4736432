// Zoom and pan, which all slices share: a factor over the size that fits, and the point of the image in the middle.

import { page, state } from './base.js';

/** The size of a voxel on the screen, in CSS pixels, beyond which nothing more is to be seen. */
const LARGEST_VOXEL = 64;

/** The point of the image in the middle of the slices, in voxels. */
const centerNow = () => state.center ?? page.grid.hull.map(([low, high]) => (low + high) / 2);

/** The slice that buttons and keys are about: the one that was used last, if it is on the screen. */
export function activeView() {
  const shown = page.views.filter((view) => state.single == null || view.axis === state.single);
  return shown.find((view) => view === page.active) ?? shown[0];
}

/** The scale and offset along both sides of a slice on a canvas of a size in CSS pixels. */
export function placement(view, sizes) {
  const steps = [view.grid.spacing[view.u], view.grid.spacing[view.v]];
  const fit = Math.min(sizes[0] / (view.span[0] * steps[0]), sizes[1] / (view.span[1] * steps[1]));
  const scale = steps.map((step) => step * fit * state.zoom);
  const offset = [view.u, view.v].map((axis, side) => {
    const whole = view.span[side] * scale[side];
    if (whole <= sizes[side]) return (sizes[side] - whole) / 2;
    const part = view.along(side, centerNow()[axis]);
    return Math.min(0, Math.max(sizes[side] - whole, sizes[side] / 2 - part * scale[side]));
  });
  return { scale, offset, fit: fit * Math.min(...steps) };
}

/** The zoom at which a voxel takes one pixel of the page. */
const actualZoom = (view) => 1 / view.fit;

function limited(view, zoom) {
  const least = Math.min(1, actualZoom(view));
  return Math.min(Math.max(8, LARGEST_VOXEL / view.fit), Math.max(least, zoom));
}

/** Changes the zoom so that the point under a position on the canvas of a slice stays there. */
export function zoomAt(view, factor, at = view.shape.map((size) => size / 2)) {
  const zoom = limited(view, state.zoom * factor);
  const center = centerNow();
  // The other slices show what lies at this slice.
  center[view.axis] = state.cursor[view.axis] + 0.5;
  [view.u, view.v].forEach((axis, side) => {
    const scale = view.scale[side] * zoom / state.zoom;
    const part = (at[side] - view.offset[side]) / view.scale[side];
    center[axis] = view.coordinate(side, part + (view.shape[side] / 2 - at[side]) / scale);
  });
  moveTo(view, { zoom, center: [...center] });
}

/** Moves the image under a slice by pixels of the page. */
export function panBy(view, by) {
  const center = [...centerNow()];
  [view.u, view.v].forEach((axis, side) => {
    // Starts from what is shown, since an edge of the image stops it.
    const shown = (view.shape[side] / 2 - view.offset[side] - by[side]) / view.scale[side];
    const half = view.shape[side] / 2 / view.scale[side];
    const part = 2 * half >= view.span[side] ? view.span[side] / 2 : Math.min(view.span[side] - half, Math.max(half, shown));
    center[axis] = view.coordinate(side, part);
  });
  moveTo(view, { center });
}

/** Zooms or moves. Events can come faster than frames, so the slice itself knows at once. */
function moveTo(view, changes) {
  state.set(changes);
  Object.assign(view, placement(view, view.shape));
}

/** Shows the whole image. */
export const zoomToFit = () => state.set({ zoom: 1, center: null });

/** Shows a voxel as a pixel of the page, around the cursor. */
export function zoomToActual() {
  const view = activeView();
  state.set({ zoom: actualZoom(view), center: state.cursor.map((voxel) => voxel + 0.5) });
}

/** Moves the image where the cursor would be out of sight. */
export function keepInSight() {
  if (state.zoom <= 1) return;
  const center = [...centerNow()];
  for (const view of page.views) {
    if (!view.shape || (state.single != null && view.axis !== state.single)) continue;
    [view.u, view.v].forEach((axis, side) => {
      const at = view.place(side, state.cursor[axis] + 0.5);
      if (at < 0 || at > view.shape[side]) center[axis] = state.cursor[axis] + 0.5;
    });
  }
  state.center = center;
}
