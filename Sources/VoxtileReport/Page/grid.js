// The patch grid, computed from the ranges of the patches along each axis.

import { AXES, inWords } from './base.js';

export class Grid {
  constructor(data) {
    const { summary, patches, coverage } = data;
    this.extent = summary.extent;
    this.spacing = summary.spacing.map((step) => (step > 0 ? step : 1));
    this.isFlat = summary.extent[2] === 1 && summary.patch[2] === 1;
    this.counts = summary.counts;
    this.count = summary.patches;
    this.order = summary.order;
    this.ranges = AXES.map((axis) => patches[axis]);
    this.files = patches.files;
    this.covers = AXES.map((axis) => coverage[axis]);
    this.maxCovers = coverage.histogram.at(-1)?.[0] ?? 0;
    this.lost = summary.lost.map((loss) => ({ axis: AXES.indexOf(loss.axis), run: [loss.from, loss.to] }));
    // The range to draw along each axis: the image, and patches that extend beyond it.
    this.hull = this.ranges.map((ranges, axis) => [
      Math.min(0, ranges[0][0]), Math.max(this.extent[axis], ranges.at(-1)[1]),
    ]);
  }

  /** The position in the grid of a patch, given its index. */
  position(index) {
    const [nx, ny, nz] = this.counts;
    return this.order === 'x'
      ? [index % nx, Math.floor(index / nx) % ny, Math.floor(index / (nx * ny))]
      : [Math.floor(index / (nz * ny)), Math.floor(index / nz) % ny, index % nz];
  }

  /** The index of the patch at a position in the grid. */
  index([x, y, z]) {
    const [nx, ny, nz] = this.counts;
    return this.order === 'x' ? (z * ny + y) * nx + x : (x * ny + y) * nz + z;
  }

  patch(index) {
    const position = this.position(index);
    const region = position.map((place, axis) => this.ranges[axis][place]);
    return { index, position, region, file: this.files?.[index] };
  }

  /** The half-open range of grid positions along one axis whose patches contain a coordinate. */
  covering(axis, voxel) {
    const ranges = this.ranges[axis];
    const search = (isBeyond) => {
      let [low, high] = [0, ranges.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (isBeyond(ranges[middle])) high = middle; else low = middle + 1;
      }
      return low;
    };
    const first = search((range) => range[1] > voxel);
    return [first, Math.max(first, search((range) => range[0] > voxel))];
  }

  /** The indices of the patches that contain a voxel, ascending; at most `most` of them. */
  patchesAt(cursor, most = 64) {
    const [x, y, z] = cursor.map((voxel, axis) => this.covering(axis, voxel));
    const found = [];
    for (let k = z[0]; k < z[1]; k += 1) {
      for (let j = y[0]; j < y[1]; j += 1) {
        for (let i = x[0]; i < x[1] && found.length < most; i += 1) found.push(this.index([i, j, k]));
      }
    }
    return found.sort((a, b) => a - b);
  }

  /** The regions of the patches up to an index that contain a coordinate along an axis. */
  regionsUpTo(last, axis, voxel) {
    const [first, end] = this.covering(axis, voxel);
    const [u, v] = [0, 1, 2].filter((other) => other !== axis);
    const found = [];
    for (let place = first; place < end; place += 1) {
      for (let i = 0; i < this.counts[u]; i += 1) {
        for (let j = 0; j < this.counts[v]; j += 1) {
          const position = [];
          [position[axis], position[u], position[v]] = [place, i, j];
          if (this.index(position) <= last) found.push(position.map((at, other) => this.ranges[other][at]));
        }
      }
    }
    return found;
  }

  /** The index of the patch that contains a voxel and has the nearest center; null if no patch contains it. */
  nearest(cursor) {
    const place = cursor.map((voxel, axis) => {
      const [first, end] = this.covering(axis, voxel);
      let best = null;
      for (let i = first; i < end; i += 1) {
        const [from, to] = this.ranges[axis][i];
        const distance = Math.abs((from + to - 1) / 2 - voxel);
        if (best == null || distance < best.distance) best = { i, distance };
      }
      return best?.i;
    });
    return place.includes(undefined) ? null : this.index(place);
  }

  /** The number of patches that contain a voxel. */
  coverage([x, y, z]) { return this.covers[0][x] * this.covers[1][y] * this.covers[2][z]; }

  holds(patch, cursor) {
    return patch.region.every(([from, to], axis) => cursor[axis] >= from && cursor[axis] < to);
  }

  /** The voxel in the center of the part of a patch that lies inside the image. */
  middle(patch) {
    return patch.region.map(([from, to], axis) => {
      const [low, high] = [Math.max(0, from), Math.min(this.extent[axis], to)];
      return Math.floor((low + high - 1) / 2);
    });
  }

  /** A region in words, such as `96 × 96 × 64 at (0, 64, 0)`. */
  regionInWords(region) {
    const sizes = region.map(([from, to]) => to - from);
    const starts = region.map(([from]) => from);
    return `${inWords.size(sizes, this.isFlat)} at (${starts.slice(0, this.isFlat ? 2 : 3).join(', ')})`;
  }
}

/** The color of a coverage count: red for 0, blue for 1, then from yellow through green to violet. */
export function coverColor(count, most) {
  if (count === 0) return [239, 68, 68];
  if (count === 1) return [86, 180, 233];
  const stops = [[253, 224, 71], [74, 190, 120], [109, 40, 217]];
  const part = 2 * Math.min(1, Math.log2(count / 2) / Math.max(2, Math.log2(Math.max(2, most) / 2)));
  const low = Math.min(1, Math.floor(part));
  return stops[low].map((value, i) => Math.round(value + (stops[low + 1][i] - value) * (part - low)));
}
export const css = ([r, g, b], alpha = 1) => `rgb(${r} ${g} ${b} / ${alpha})`;
