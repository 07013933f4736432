// How a slice lies on the screen: which axis runs where, and which letters are at its sides.

import { AXES } from './base.js';

const OPPOSITE = { R: 'L', L: 'R', A: 'P', P: 'A', S: 'I', I: 'S' };
const VIEW_NAMES = { S: 'axial', I: 'axial', A: 'coronal', P: 'coronal', R: 'sagittal', L: 'sagittal' };

/**
 * The layout of the slices across an axis: superior is up, anterior is up or right. The patient's right is on the right
 * (neurological), or on the left with `isRadiological`. For an image without orientation, x points right and y points down.
 */
export function layOut(axis, orientation, isRadiological = false) {
  const [a, b] = [0, 1, 2].filter((other) => other !== axis);
  if (!orientation) return { axis, u: a, v: b, flipU: false, flipV: false, letters: null, name: `${AXES[axis]} slice` };
  const rank = (other) => 'SIAPRL'.indexOf(orientation[other]) >> 1;
  const [v, u] = rank(a) < rank(b) ? [a, b] : [b, a];
  const [toU, toV] = [orientation[u], orientation[v]];
  const isSwapped = isRadiological && 'RL'.includes(toU);
  const flipU = 'LPI'.includes(toU) !== isSwapped;
  const flipV = 'RAS'.includes(toV);
  const [right, up] = [flipU ? OPPOSITE[toU] : toU, flipV ? toV : OPPOSITE[toV]];
  return {
    axis, u, v, flipU, flipV, letters: { right, up, left: OPPOSITE[right], down: OPPOSITE[up] },
    name: `${VIEW_NAMES[orientation[axis]]} (${AXES[axis]})`,
  };
}
