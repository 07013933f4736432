// The three slices through the cursor, with the patch grid on top.

import { AXES, element, fitCanvas, state } from './base.js';
import { coveragePicture } from './coverage.js';
import { listenToGestures } from './gestures.js';
import { shownBase } from './layers.js';
import { drawChosen, drawCross, drawGrid, drawLetters, drawPadding, drawRuler } from './marks.js';
import { drawRevealed, shownOverlays } from './overlays.js';
import { placement } from './viewport.js';

export class SliceView {
  /** The size in CSS pixels from which voxels are drawn as boxes, without smoothing. */
  static visibleVoxel = 8;

  constructor(grid, layout) {
    this.grid = grid;
    this.turn(layout);
    const [u, v] = [this.u, this.v];
    this.low = [grid.hull[u][0], grid.hull[v][0]];
    this.span = [grid.hull[u][1] - this.low[0], grid.hull[v][1] - this.low[1]];
    const ratio = (this.span[0] * grid.spacing[u]) / (this.span[1] * grid.spacing[v]);
    this.ratio = Math.min(4, Math.max(0.25, ratio));
    this.canvas = element('canvas', { tabindex: 0, role: 'img', 'aria-describedby': 'slices-help' });
    listenToGestures(this);
    this.caption = element('span');
    this.title = element('span', {}, this.name);
    this.alone = element('button', {
      type: 'button', class: 'plain', 'aria-pressed': 'false', 'aria-label': `Show only the ${this.name} slice`,
      title: 'Show only this slice (M)', click: () => this.toggleAlone(),
    }, '⤢');
    const last = grid.extent[this.axis] - 1;
    this.slider = element('input', {
      type: 'range', min: 0, max: last, step: 1, 'aria-label': `${AXES[this.axis]} of the cursor`,
      disabled: last === 0, input: () => this.moveTo(this.axis, Number(this.slider.value)),
    });
    this.figure = element('figure', {}, element('figcaption', {}, this.title, this.caption, last > 0 ? this.alone : null),
      this.canvas, last > 0 ? this.slider : null);
    this.figure.style.setProperty('--ratio', this.ratio);
    this.canvas.setAttribute('aria-label', `${this.name}: slice with the patch grid`);
    state.watch(['single'], () => {
      this.figure.hidden = state.single != null && state.single !== this.axis;
      this.alone.setAttribute('aria-pressed', String(state.single === this.axis));
    });
  }

  /** Takes a layout, such as that of another convention. */
  turn(layout) {
    Object.assign(this, layout);
    if (this.grid.isFlat && !this.letters) this.name = 'image';
  }

  toggleAlone() {
    if (this.grid.isFlat) return;
    state.set({ single: state.single === this.axis ? null : this.axis });
  }

  moveTo(axis, voxel) {
    const cursor = [...state.cursor];
    cursor[axis] = Math.min(this.grid.extent[axis] - 1, Math.max(0, voxel));
    state.set({ cursor });
  }

  isFlipped(side) { return side === 0 ? this.flipU : this.flipV; }

  /** How far a coordinate along u (side 0) or v (side 1) is from the left or upper end of what is drawn, in voxels. */
  along(side, coordinate) {
    const part = coordinate - this.low[side];
    return this.isFlipped(side) ? this.span[side] - part : part;
  }

  /** The coordinate that is so far from the left or upper end. */
  coordinate(side, part) { return (this.isFlipped(side) ? this.span[side] - part : part) + this.low[side]; }

  /** Converts a coordinate along u (side 0) or v (side 1) to a position on the canvas. */
  place(side, coordinate) { return this.offset[side] + this.along(side, coordinate) * this.scale[side]; }

  /** The point of the image at a position on the canvas, in voxels with fractions, inside the image. */
  pointAt(position) {
    const point = state.cursor.map((voxel) => voxel + 0.5);
    [this.u, this.v].forEach((axis, side) => {
      // A pointer that has left the canvas stays at its edge.
      const at = Math.min(this.shape[side], Math.max(0, position[side]));
      const value = this.coordinate(side, (at - this.offset[side]) / this.scale[side]);
      point[axis] = Math.min(this.grid.extent[axis], Math.max(0, value));
    });
    return point;
  }

  /** Moves the cursor to a position on the canvas. */
  pick(position) {
    const point = this.pointAt(position);
    state.set({ cursor: point.map((value, axis) => Math.min(this.grid.extent[axis] - 1, Math.floor(value))) });
  }

  draw() {
    if (this.figure.hidden) return;
    const { context, width, height } = fitCanvas(this.canvas);
    this.shape = [width, height];
    Object.assign(this, placement(this, this.shape));
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    drawPadding(this, context);
    this.drawImages(context);
    drawGrid(this, context);
    drawChosen(this, context);
    if (state.showsCross) drawCross(this, context);
    drawLetters(this, context);
    drawRuler(this, context);
    const voxel = state.cursor[this.axis];
    this.caption.textContent = this.grid.extent[this.axis] === 1 ? '' : `${AXES[this.axis]} = ${voxel} of 0 to ${this.grid.extent[this.axis] - 1}`;
    this.slider.value = voxel;
  }

  /** Converts ranges along u and v to a rectangle on the canvas: x, y, width, height. */
  box([u0, u1], [v0, v1]) {
    const [a, b, c, d] = [this.place(0, u0), this.place(0, u1), this.place(1, v0), this.place(1, v1)];
    return [Math.min(a, b), Math.min(c, d), Math.abs(b - a), Math.abs(d - c)];
  }

  get imageBox() { return this.box([0, this.grid.extent[this.u]], [0, this.grid.extent[this.v]]); }

  drawImages(context) {
    const [x, y, width, height] = this.imageBox;
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
    drawRevealed(context, { grid: this.grid, axis: this.axis, voxel, box: (region) => this.box(region[this.u], region[this.v]) }, () => {
      for (const overlay of shownOverlays()) paint(overlay.finest(this.axis, voxel), overlay.opacity, false);
    });
    if (state.showsCoverage) paint(this.coverage(), 0.42, false);
  }

  /** A picture of the coverage, kept while it is the same. */
  coverage() {
    const through = this.grid.covers[this.axis][state.cursor[this.axis]];
    if (!this.coverPicture || this.coverThrough !== through) {
      this.coverThrough = through;
      this.coverPicture = coveragePicture(this.grid, this.axis, state.cursor[this.axis]);
    }
    return this.coverPicture;
  }
}
