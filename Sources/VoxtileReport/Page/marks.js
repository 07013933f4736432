// What is drawn over a slice: padding, patch borders, lost voxels, the chosen patch, the crosshair, letters, and the ruler.

import { state } from './base.js';
import { rulerWords } from './ruler.js';

/** Hatches the padding: the parts of patches outside the image. */
export function drawPadding(view, context) {
  const [x, y, width, height] = view.box(view.grid.hull[view.u], view.grid.hull[view.v]);
  const inner = view.imageBox;
  if (width - inner[2] < 0.5 && height - inner[3] < 0.5) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = '#3b4554';
  context.beginPath();
  const [left, right] = [Math.max(x, 0) - height, Math.min(x + width, view.shape[0])];
  for (let at = left; at < right; at += 8) { context.moveTo(at, y); context.lineTo(at + height, y + height); }
  context.stroke();
  context.restore();
  context.fillRect(...inner);
}

/** Draws where patches begin (solid) and end (dashed). Lines span the slice, because all rows have the same grid. */
export function drawGrid(view, context) {
  const { grid } = view;
  const [first, end] = grid.covering(view.axis, state.cursor[view.axis]);
  drawLost(view, context);
  if (!state.showsGrid || first === end) return;
  [view.u, view.v].forEach((axis, side) => {
    const ranges = grid.ranges[axis];
    const other = side === 0 ? view.v : view.u;
    const ends = [view.place(1 - side, grid.ranges[other][0][0]), view.place(1 - side, grid.ranges[other].at(-1)[1])];
    const gap = view.span[side] * view.scale[side] / ranges.length;
    // Dense lines are fainter, so that they do not hide the image.
    const alpha = Math.min(0.85, Math.max(0.06, gap / 28));
    const line = (coordinate, dash, color) => {
      const at = Math.round(view.place(side, coordinate)) + 0.5;
      if (at < -1 || at > view.shape[side] + 1) return;
      context.setLineDash(dash);
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(...(side === 0 ? [at, ends[0]] : [ends[0], at]));
      context.lineTo(...(side === 0 ? [at, ends[1]] : [ends[1], at]));
      context.stroke();
    };
    context.lineWidth = 1;
    for (const [, to] of ranges) line(to, [4, 4], `rgb(255 255 255 / ${alpha * 0.6})`);
    for (const [from] of ranges) line(from, [], `rgb(45 212 191 / ${alpha})`);
  });
  context.setLineDash([]);
}

/** Marks voxels that are not in any patch. */
function drawLost(view, context) {
  for (const { axis, run } of view.grid.lost) {
    const voxel = state.cursor[view.axis];
    if (axis === view.axis && (voxel < run[0] || voxel >= run[1])) continue;
    const range = (side) => (axis === side ? run : [0, view.grid.extent[side]]);
    const box = view.box(range(view.u), range(view.v));
    context.fillStyle = 'rgb(239 68 68 / .34)';
    context.fillRect(...box);
    context.strokeStyle = 'rgb(248 113 113 / .9)';
    context.strokeRect(box[0] + 0.5, box[1] + 0.5, box[2] - 1, box[3] - 1);
  }
}

export function drawChosen(view, context) {
  if (state.chosen == null) return;
  const { region } = view.grid.patch(state.chosen);
  const voxel = state.cursor[view.axis];
  const meets = voxel >= region[view.axis][0] && voxel < region[view.axis][1];
  const box = view.box(region[view.u], region[view.v]);
  context.lineWidth = 2;
  context.strokeStyle = '#fbbf24';
  context.fillStyle = 'rgb(251 191 36 / .13)';
  context.setLineDash(meets ? [] : [3, 5]);
  if (meets) context.fillRect(...box);
  context.strokeRect(box[0] + 1, box[1] + 1, box[2] - 2, box[3] - 2);
  context.setLineDash([]);
  context.lineWidth = 1;
}

export function drawCross(view, context) {
  const [x, y] = [view.place(0, state.cursor[view.u] + 0.5), view.place(1, state.cursor[view.v] + 0.5)];
  const [width, height] = view.shape;
  context.strokeStyle = 'rgb(255 255 255 / .75)';
  context.lineWidth = 1;
  context.beginPath();
  for (const [x0, y0, x1, y1] of [[0, y, x - 7, y], [x + 7, y, width, y], [x, 0, x, y - 7], [x, y + 7, x, height]]) {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  context.stroke();
}

export function drawLetters(view, context) {
  if (!view.letters) return;
  const [width, height] = view.shape;
  context.font = '600 13px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const { left, right, up, down } = view.letters;
  for (const [letter, x, y] of [[left, 11, height / 2], [right, width - 11, height / 2], [up, width / 2, 12], [down, width / 2, height - 11]]) {
    // A dark disk keeps the letter readable on a bright image.
    context.fillStyle = 'rgb(0 0 0 / .65)';
    context.beginPath();
    context.arc(x, y, 10, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = '#fff';
    context.fillText(letter, x, y + 0.5);
  }
}

/** Draws the ruler where it lies in this slice. */
export function drawRuler(view, context) {
  const { ruler } = state;
  if (!ruler?.to || ruler.axis !== view.axis || Math.floor(ruler.from[view.axis]) !== state.cursor[view.axis]) return;
  const [from, to] = [ruler.from, ruler.to].map((point) => [view.place(0, point[view.u]), view.place(1, point[view.v])]);
  for (const [style, width] of [['#000c', 4], ['#fde047', 2]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }
  context.lineWidth = 1;
  context.fillStyle = '#fde047';
  for (const [x, y] of [from, to]) { context.beginPath(); context.arc(x, y, 3.5, 0, 2 * Math.PI); context.fill(); }
  const words = rulerWords(ruler);
  context.font = '600 13px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const wide = context.measureText(words).width + 12;
  const x = Math.min(view.shape[0] - wide / 2, Math.max(wide / 2, (from[0] + to[0]) / 2));
  const y = Math.min(view.shape[1] - 12, Math.max(12, (from[1] + to[1]) / 2 - 16));
  context.fillStyle = 'rgb(0 0 0 / .75)';
  context.fillRect(x - wide / 2, y - 10, wide, 20);
  context.fillStyle = '#fde047';
  context.fillText(words, x, y + 0.5);
}
