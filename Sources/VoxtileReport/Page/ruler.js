// The ruler: two points in a slice, and how far apart they are.

import { inWords, page, state } from './base.js';

/** The length of a ruler: mm where the file says the size of a voxel, else voxels; pixels in a 2D image. */
export function rulerWords({ from, to }) {
  const { summary } = page.data;
  const isMetric = summary.hasSpacing && !summary.isPlanar;
  const steps = isMetric ? summary.spacing : [1, 1, 1];
  const length = Math.hypot(...from.map((value, axis) => (to[axis] - value) * steps[axis]));
  return `${inWords.number(length, 3)} ${isMetric ? 'mm' : `${inWords.element}s`}`;
}

/** Starts a ruler at the cursor, or ends the one that was started there. */
export function measureAtCursor(view) {
  const point = state.cursor.map((voxel) => voxel + 0.5);
  const { ruler } = state;
  const isOpen = ruler && !ruler.to && ruler.axis === view.axis && ruler.from[view.axis] === point[view.axis];
  state.set({ ruler: isOpen ? { ...ruler, to: point } : { axis: view.axis, from: point, to: null } });
}
