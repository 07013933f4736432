// The coverage of a slice as a picture.

import { rgba } from './base.js';
import { coverColor } from './grid.js';

/** A picture of the coverage of the slice at a voxel across an axis, at most 1024 pixels along each side. */
export function coveragePicture(grid, axis, voxel) {
  const [u, v] = [0, 1, 2].filter((other) => other !== axis);
  const through = grid.covers[axis][voxel];
  const [columns, rows] = [Math.min(1024, grid.extent[u]), Math.min(1024, grid.extent[v])];
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(columns, rows);
  const target = new Uint32Array(pixels.data.buffer);
  const known = new Map();
  const color = (count) => {
    if (!known.has(count)) known.set(count, rgba(...coverColor(count, grid.maxCovers)));
    return known.get(count);
  };
  for (let row = 0, i = 0; row < rows; row += 1) {
    const inRow = through * grid.covers[v][Math.floor(row * grid.extent[v] / rows)];
    for (let column = 0; column < columns; column += 1, i += 1) {
      target[i] = color(inRow * grid.covers[u][Math.floor(column * grid.extent[u] / columns)]);
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
