// The three slices through the cursor, with the patch grid on top.

import { AXES, element, fitCanvas, rgba, state } from './base.js';
import { coverColor } from './grid.js';
import { shownBase, shownOverlay } from './layers.js';

const OPPOSITE = { R: 'L', L: 'R', A: 'P', P: 'A', S: 'I', I: 'S' };
const VIEW_NAMES = { S: 'axial', I: 'axial', A: 'coronal', P: 'coronal', R: 'sagittal', L: 'sagittal' };

/** The layout of the slices across an axis: superior is up, anterior is up or right, the patient's right is on the
 * right. For an image without orientation, x points right and y points down. */
export function layOut(axis, orientation) {
  const [a, b] = [0, 1, 2].filter((other) => other !== axis);
  if (!orientation) return { axis, u: a, v: b, flipU: false, flipV: false, letters: null, name: `${AXES[axis]} slice` };
  const rank = (other) => 'SIAPRL'.indexOf(orientation[other]) >> 1;
  const [v, u] = rank(a) < rank(b) ? [a, b] : [b, a];
  const [toU, toV] = [orientation[u], orientation[v]];
  const flipU = 'LPI'.includes(toU);
  const flipV = 'RAS'.includes(toV);
  const [right, up] = [flipU ? OPPOSITE[toU] : toU, flipV ? toV : OPPOSITE[toV]];
  return {
    axis, u, v, flipU, flipV, letters: { right, up, left: OPPOSITE[right], down: OPPOSITE[up] },
    name: `${VIEW_NAMES[orientation[axis]]} (${AXES[axis]})`,
  };
}

export class SliceView {
  /** The size in CSS pixels from which voxels are drawn as boxes, without smoothing. */
  static visibleVoxel = 8;

  constructor(grid, layout) {
    Object.assign(this, layout);
    this.grid = grid;
    const [u, v] = [this.u, this.v];
    this.low = [grid.hull[u][0], grid.hull[v][0]];
    this.span = [grid.hull[u][1] - this.low[0], grid.hull[v][1] - this.low[1]];
    const ratio = (this.span[0] * grid.spacing[u]) / (this.span[1] * grid.spacing[v]);
    this.ratio = Math.min(4, Math.max(0.25, ratio));
    if (grid.isFlat && !this.letters) this.name = 'image';
    this.canvas = element('canvas', {
      tabindex: 0, role: 'img', 'aria-label': `${this.name}: slice with the patch grid`,
      pointerdown: (event) => { this.canvas.setPointerCapture(event.pointerId); this.pick(event); },
      pointermove: (event) => { if (event.buttons & 1) this.pick(event); },
      keydown: (event) => this.key(event),
    });
    this.canvas.style.aspectRatio = this.ratio;
    this.canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    this.caption = element('span');
    const last = grid.extent[this.axis] - 1;
    this.slider = element('input', {
      type: 'range', min: 0, max: last, step: 1, 'aria-label': `${AXES[this.axis]} of the cursor`,
      disabled: last === 0, input: () => this.moveTo(this.axis, Number(this.slider.value)),
    });
    this.figure = element('figure', {},
      element('figcaption', {}, element('span', {}, this.name), this.caption), this.canvas, last > 0 ? this.slider : null);
    this.figure.style.flex = `${this.ratio} 1 0px`;
    this.figure.style.maxWidth = `${Math.round(620 * this.ratio)}px`;
  }

  moveTo(axis, voxel) {
    const cursor = [...state.cursor];
    cursor[axis] = Math.min(this.grid.extent[axis] - 1, Math.max(0, voxel));
    state.set({ cursor });
  }

  /** Converts a coordinate along u (side 0) or v (side 1) to a position on the canvas. */
  place(side, coordinate) {
    const part = coordinate - this.low[side];
    const flipped = side === 0 ? this.flipU : this.flipV;
    return this.offset[side] + (flipped ? this.span[side] - part : part) * this.scale[side];
  }

  pick(event) {
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    const box = this.canvas.getBoundingClientRect();
    const cursor = [...state.cursor];
    [this.u, this.v].forEach((axis, side) => {
      const at = (side === 0 ? event.clientX - box.left : event.clientY - box.top) - this.offset[side];
      const part = at / this.scale[side];
      const voxel = Math.floor(((side === 0 ? this.flipU : this.flipV) ? this.span[side] - part : part) + this.low[side]);
      cursor[axis] = Math.min(this.grid.extent[axis] - 1, Math.max(0, voxel));
    });
    state.set({ cursor });
  }

  wheel(event) {
    if (event.ctrlKey || this.grid.extent[this.axis] === 1) return;
    event.preventDefault();
    this.moveTo(this.axis, state.cursor[this.axis] - Math.sign(event.deltaY));
  }

  key(event) {
    const far = event.shiftKey ? 10 : 1;
    const moves = {
      ArrowRight: [this.u, this.flipU ? -far : far], ArrowLeft: [this.u, this.flipU ? far : -far],
      ArrowDown: [this.v, this.flipV ? -far : far], ArrowUp: [this.v, this.flipV ? far : -far],
      PageUp: [this.axis, far], PageDown: [this.axis, -far],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.moveTo(move[0], state.cursor[move[0]] + move[1]);
  }

  draw() {
    const { context, width, height } = fitCanvas(this.canvas);
    const { grid, u, v } = this;
    const steps = [grid.spacing[u], grid.spacing[v]];
    const zoom = Math.min(width / (this.span[0] * steps[0]), height / (this.span[1] * steps[1]));
    this.scale = steps.map((step) => step * zoom);
    this.offset = [(width - this.span[0] * this.scale[0]) / 2, (height - this.span[1] * this.scale[1]) / 2];
    this.shape = [width, height];
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    this.drawPadding(context);
    this.drawImages(context);
    this.drawGrid(context);
    this.drawChosen(context);
    if (state.showsCross) this.drawCross(context);
    this.drawLetters(context);
    const voxel = state.cursor[this.axis];
    this.caption.textContent = grid.extent[this.axis] === 1 ? '' : `${AXES[this.axis]} = ${voxel} of 0 to ${grid.extent[this.axis] - 1}`;
    this.slider.value = voxel;
  }

  /** Converts ranges along u and v to a rectangle on the canvas: x, y, width, height. */
  box([u0, u1], [v0, v1]) {
    const [a, b, c, d] = [this.place(0, u0), this.place(0, u1), this.place(1, v0), this.place(1, v1)];
    return [Math.min(a, b), Math.min(c, d), Math.abs(b - a), Math.abs(d - c)];
  }

  get imageBox() { return this.box([0, this.grid.extent[this.u]], [0, this.grid.extent[this.v]]); }

  /** Hatches the padding: the parts of patches outside the image. */
  drawPadding(context) {
    const [x, y, width, height] = this.box(this.grid.hull[this.u], this.grid.hull[this.v]);
    const inner = this.imageBox;
    if (width - inner[2] < 0.5 && height - inner[3] < 0.5) return;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.strokeStyle = '#3b4554';
    context.beginPath();
    for (let at = x - height; at < x + width; at += 8) { context.moveTo(at, y); context.lineTo(at + height, y + height); }
    context.stroke();
    context.restore();
    context.fillRect(...inner);
  }

  drawImages(context) {
    const [x, y, width, height] = this.imageBox;
    const overlay = shownOverlay();
    const paint = (picture, alpha, isSmooth) => {
      context.save();
      context.globalAlpha = alpha;
      context.imageSmoothingEnabled = isSmooth;
      context.imageSmoothingQuality = 'medium';
      context.translate(this.flipU ? x + width : x, this.flipV ? y + height : y);
      context.scale(this.flipU ? -1 : 1, this.flipV ? -1 : 1);
      // Pictures are stored with the lower axis horizontal; the screen may need them transposed.
      if (this.u > this.v) { context.transform(0, 1, 1, 0, 0, 0); context.drawImage(picture, 0, 0, height, width); }
      else context.drawImage(picture, 0, 0, width, height);
      context.restore();
    };
    const voxel = state.cursor[this.axis];
    const base = shownBase();
    const picture = base.finest(this.axis, voxel);
    // Large voxels are drawn without smoothing, so that patch borders line up with voxel borders.
    const isCoarse = Math.min(width, height) / Math.max(picture.width, picture.height) > SliceView.visibleVoxel;
    paint(picture, 1, base.kind !== 'labels' && !isCoarse);
    if (overlay) paint(overlay.finest(this.axis, voxel), state.opacity, false);
    if (state.showsCoverage) paint(this.coverage(), 0.42, false);
  }

  /** A picture of the coverage, at most 1024 pixels along each side. */
  coverage() {
    const { grid, axis } = this;
    const [u, v] = [Math.min(this.u, this.v), Math.max(this.u, this.v)];
    const through = grid.covers[axis][state.cursor[axis]];
    if (this.coverPicture && this.coverThrough === through) return this.coverPicture;
    const [columns, rows] = [Math.min(1024, grid.extent[u]), Math.min(1024, grid.extent[v])];
    const canvas = document.createElement('canvas');
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext('2d');
    const pixels = context.createImageData(columns, rows);
    const target = new Uint32Array(pixels.data.buffer);
    const known = new Map();
    const color = (count) => {
      if (!known.has(count)) {
        const [r, g, b] = coverColor(count, grid.maxCovers);
        known.set(count, rgba(r, g, b));
      }
      return known.get(count);
    };
    for (let row = 0, i = 0; row < rows; row += 1) {
      const inRow = through * grid.covers[v][Math.floor(row * grid.extent[v] / rows)];
      for (let column = 0; column < columns; column += 1, i += 1) {
        target[i] = color(inRow * grid.covers[u][Math.floor(column * grid.extent[u] / columns)]);
      }
    }
    context.putImageData(pixels, 0, 0);
    this.coverThrough = through;
    this.coverPicture = canvas;
    return canvas;
  }

  /** Draws where patches begin (solid) and end (dashed). Lines span the slice, because all rows have the same grid. */
  drawGrid(context) {
    const { grid } = this;
    const [first, end] = grid.covering(this.axis, state.cursor[this.axis]);
    this.drawLost(context);
    if (!state.showsGrid || first === end) return;
    [this.u, this.v].forEach((axis, side) => {
      const ranges = grid.ranges[axis];
      const other = side === 0 ? this.v : this.u;
      const ends = [this.place(1 - side, grid.ranges[other][0][0]), this.place(1 - side, grid.ranges[other].at(-1)[1])];
      const gap = this.span[side] * this.scale[side] / ranges.length;
      // Dense lines are fainter, so that they do not hide the image.
      const alpha = Math.min(0.85, Math.max(0.06, gap / 28));
      const line = (coordinate, dash, color) => {
        const at = Math.round(this.place(side, coordinate)) + 0.5;
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
  drawLost(context) {
    for (const { axis, run } of this.grid.lost) {
      const voxel = state.cursor[this.axis];
      if (axis === this.axis && (voxel < run[0] || voxel >= run[1])) continue;
      const range = (side) => (axis === side ? run : [0, this.grid.extent[side]]);
      const box = this.box(range(this.u), range(this.v));
      context.fillStyle = 'rgb(239 68 68 / .34)';
      context.fillRect(...box);
      context.strokeStyle = 'rgb(248 113 113 / .9)';
      context.strokeRect(box[0] + 0.5, box[1] + 0.5, box[2] - 1, box[3] - 1);
    }
  }

  drawChosen(context) {
    if (state.chosen == null) return;
    const { region } = this.grid.patch(state.chosen);
    const voxel = state.cursor[this.axis];
    const meets = voxel >= region[this.axis][0] && voxel < region[this.axis][1];
    const box = this.box(region[this.u], region[this.v]);
    context.lineWidth = 2;
    context.strokeStyle = '#fbbf24';
    context.fillStyle = 'rgb(251 191 36 / .13)';
    context.setLineDash(meets ? [] : [3, 5]);
    if (meets) context.fillRect(...box);
    context.strokeRect(box[0] + 1, box[1] + 1, box[2] - 2, box[3] - 2);
    context.setLineDash([]);
    context.lineWidth = 1;
  }

  drawCross(context) {
    const [x, y] = [this.place(0, state.cursor[this.u] + 0.5), this.place(1, state.cursor[this.v] + 0.5)];
    const [width, height] = this.shape;
    context.strokeStyle = 'rgb(255 255 255 / .75)';
    context.lineWidth = 1;
    context.beginPath();
    for (const [x0, y0, x1, y1] of [[0, y, x - 7, y], [x + 7, y, width, y], [x, 0, x, y - 7], [x, y + 7, x, height]]) {
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
    context.stroke();
  }

  drawLetters(context) {
    if (!this.letters) return;
    const [width, height] = this.shape;
    context.font = '600 13px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const { left, right, up, down } = this.letters;
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
}
