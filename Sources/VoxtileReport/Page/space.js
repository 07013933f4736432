// The patch grid in 3D, drawn with a parallel projection on a 2D canvas.

import { AXES, byId, choosePatch, fitCanvas, inWords, state } from './base.js';
import { shownBase } from './layers.js';
import { drawRevealed, shownOverlays } from './overlays.js';

export class Space {
  /** The maximum number of boxes. More could not be told apart, nor drawn in one frame. */
  static maxBoxes = 1500;
  /** The maximum number of boxes that are drawn with pictures on their faces. */
  static maxPictures = 220;

  constructor(grid, orientation) {
    this.grid = grid;
    this.canvas = byId('space-view');
    // Superior is up and anterior points away from the viewer, if the file has an orientation.
    this.signs = [0, 1, 2].map((axis) => (orientation && 'LPI'.includes(orientation[axis]) ? -1 : 1));
    this.world = [0, 1, 2].map((axis) => {
      const letter = orientation?.[axis] ?? 'RPS'[axis];
      return 'RL'.includes(letter) ? 0 : 'AP'.includes(letter) ? 1 : 2;
    });
    if (!orientation) this.signs = grid.isFlat ? [1, -1, 1] : [1, 1, 1];
    this.yaw = grid.isFlat ? 0 : -0.62;
    this.pitch = grid.isFlat ? 1.57 : 0.42;
    // Starts with the patches pulled apart, unless there are too many to tell apart.
    this.apart = grid.isFlat || grid.count === 1 || grid.count > 300 ? 0 : 0.85;
    this.showsPictures = true;
    this.shown = grid.count;
    this.sizes = grid.extent.map((size, axis) => size * grid.spacing[axis]);
    this.canvas.setAttribute('aria-label', `${inWords.things(grid.count, 'patch')} as boxes inside the image`);
    this.listen();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag = { x: event.clientX, y: event.clientY, far: 0 };
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!this.drag || !(event.buttons & 1)) return;
      const [dx, dy] = [event.clientX - this.drag.x, event.clientY - this.drag.y];
      this.drag = { x: event.clientX, y: event.clientY, far: this.drag.far + Math.abs(dx) + Math.abs(dy) };
      this.turn(dx * 0.008, dy * 0.008);
    });
    canvas.addEventListener('pointerup', (event) => {
      if (this.drag && this.drag.far < 4) this.choose(event);
      this.drag = null;
    });
    canvas.addEventListener('keydown', (event) => {
      const turns = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
      const turn = turns[event.key];
      if (!turn) return;
      event.preventDefault();
      this.turn(...turn);
    });
  }

  turn(yaw, pitch) {
    this.yaw += yaw;
    this.pitch = Math.min(1.57, Math.max(-1.57, this.pitch + pitch));
    state.set({ view: [this.yaw, this.pitch] });
  }

  /** Computes the projection: columns that map mm along each voxel axis to screen x, screen y and depth. */
  project(width, height) {
    const [cy, sy, cp, sp] = [Math.cos(this.yaw), Math.sin(this.yaw), Math.cos(this.pitch), Math.sin(this.pitch)];
    // World axes: x right, y away, z up.
    const columns = [[cy, -sy * sp, sy * cp], [sy, cy * sp, -cy * cp], [0, cp, sp]];
    this.columns = [0, 1, 2].map((axis) => columns[this.world[axis]].map((part) => part * this.signs[axis]));
    // Fully apart, patches lie side by side with gaps. In between, sizes are interpolated.
    const full = this.sizes.map((size, axis) => size + this.apart * (this.lattice(axis, 'length') - size));
    const radius = Math.hypot(...full) / 2;
    const reach = [0, 1].map((side) => full.reduce((sum, size, axis) => sum + size * Math.abs(this.columns[axis][side]), 0));
    // The zoom depends on the view only if the patches would not fit at every angle.
    this.zoom = Math.min((width - 60) / Math.max(reach[0], radius * 1.1), (height - 60) / Math.max(reach[1], radius * 1.1));
    this.center = [width / 2, height / 2];
  }

  /** Projects a point in voxels, moved by mm: x and y on the screen, and depth (larger is nearer). */
  point(voxel, moved) {
    const mm = voxel.map((value, axis) => value * this.grid.spacing[axis] - this.sizes[axis] / 2 + moved[axis]);
    const on = (side) => mm[0] * this.columns[0][side] + mm[1] * this.columns[1][side] + mm[2] * this.columns[2][side];
    return [this.center[0] + on(0) * this.zoom, this.center[1] - on(1) * this.zoom, on(2)];
  }

  /** Where a patch begins along an axis in mm, when patches are fully apart; for 'length', the total length. */
  lattice(axis, place) {
    const { ranges, spacing } = this.grid;
    const size = (ranges[axis][0][1] - ranges[axis][0][0]) * spacing[axis];
    const count = ranges[axis].length;
    const gap = size * (count > 8 ? 0.2 : 0.32);
    const length = count * size + (count - 1) * gap;
    return place === 'length' ? length : place * (size + gap) - length / 2 + this.sizes[axis] / 2;
  }

  /** How far a patch is moved along each axis, in mm. */
  moved(position) {
    return position.map((place, axis) =>
      this.apart * (this.lattice(axis, place) - this.grid.ranges[axis][place][0] * this.grid.spacing[axis]));
  }

  /** The faces of a box that are turned to the viewer, each with its axis and its corners. */
  faces(region, moved) {
    return [0, 1, 2].filter((axis) => Math.abs(this.columns[axis][2]) > 1e-6).map((axis) => {
      const isFar = this.columns[axis][2] > 0;
      const [u, v] = [0, 1, 2].filter((other) => other !== axis);
      const corner = (a, b) => {
        const voxel = [];
        voxel[axis] = region[axis][isFar ? 1 : 0];
        voxel[u] = region[u][a];
        voxel[v] = region[v][b];
        return this.point(voxel, moved);
      };
      return { axis, u, v, isFar, corners: [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)] };
    });
  }

  draw() {
    const { context, width, height } = fitCanvas(this.canvas);
    context.clearRect(0, 0, width, height);
    this.project(width, height);
    const { grid } = this;
    const image = grid.extent.map((size) => [0, size]);
    if (this.apart === 0) this.drawEdges(context, image, [0, 0, 0], '#55606f', 1.2, true);
    const boxes = this.visibleBoxes();
    const withPictures = this.showsPictures && this.apart > 0 && boxes.length <= Space.maxPictures;
    if (this.showsPictures && this.apart === 0) this.drawCursorSlices(context);
    for (const box of boxes) {
      if (box.index !== state.chosen || this.apart > 0) this.drawBox(context, box, withPictures);
    }
    // The selected box is drawn last, so that overlapping boxes do not hide it.
    if (this.apart === 0) boxes.filter((box) => box.index === state.chosen).forEach((box) => this.drawBox(context, box, false));
    for (const { axis, run } of grid.lost) {
      const region = grid.extent.map((size, other) => (other === axis ? run : [0, size]));
      const isBefore = run[0] * 2 < grid.extent[axis];
      const nearest = grid.ranges[axis].map(([from, to], place) => [isBefore ? Math.abs(from - run[1]) : Math.abs(to - run[0]), place]).sort((p, q) => p[0] - q[0])[0][1];
      const shift = [0, 0, 0];
      shift[axis] = this.moved([0, 0, 0].map((_, other) => (other === axis ? nearest : 0)))[axis];
      for (const face of this.faces(region, shift)) {
        this.path(context, face.corners);
        context.fillStyle = 'rgb(239 68 68 / .4)';
        context.fill();
        context.strokeStyle = '#f87171';
        context.stroke();
      }
    }
    if (this.apart === 0) this.drawEdges(context, image, [0, 0, 0], '#e8ebf0', 1.6, false);
    this.drawAxes(context, height);
  }

  /** The boxes to draw, farthest first. */
  visibleBoxes() {
    const { grid } = this;
    const count = Math.min(this.shown, grid.count);
    const boxes = [];
    const step = Math.max(1, Math.ceil(count / Space.maxBoxes));
    for (let index = 0; index < count; index += step) boxes.push(grid.patch(index));
    if (state.chosen != null && (state.chosen % step !== 0 || state.chosen >= count)) boxes.push(grid.patch(state.chosen));
    for (const box of boxes) {
      box.moved = this.moved(box.position);
      box.depth = this.point(box.region.map(([from, to]) => (from + to) / 2), box.moved)[2];
    }
    this.boxes = boxes.sort((a, b) => a.depth - b.depth);
    return this.boxes;
  }

  path(context, corners) {
    context.beginPath();
    corners.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
  }

  drawBox(context, box, withPictures) {
    const isChosen = box.index === state.chosen;
    const dimmed = state.chosen != null && !isChosen && this.isStepping;
    context.lineWidth = isChosen ? 2.2 : 0.9;
    const many = this.boxes.length;
    const fill = isChosen ? 'rgb(251 191 36 / .5)' : `rgb(45 212 191 / ${Math.min(0.12, 1.4 / many)})`;
    for (const face of this.faces(box.region, box.moved)) {
      if (withPictures) {
        context.globalAlpha = dimmed ? 0.3 : 0.97;
        this.drawPicture(context, face, box);
        context.globalAlpha = 1;
      }
      this.path(context, face.corners);
      context.fillStyle = !withPictures ? fill : isChosen ? 'rgb(251 191 36 / .25)' : `rgb(45 212 191 / ${Math.min(0.07, 2 / many)})`;
      context.fill();
      context.strokeStyle = isChosen ? '#fbbf24' : `rgb(94 234 212 / ${Math.min(dimmed ? 0.35 : 0.75, Math.max(0.12, 60 / many))})`;
      context.stroke();
    }
  }

  /** Draws the slice of the image at a face onto it. A parallel projection maps it to a parallelogram. */
  drawPicture(context, face, box) {
    const base = shownBase();
    const { axis, u, v, isFar, corners } = face;
    const clamp = (other) => box.region[other].map((value) => Math.min(this.grid.extent[other], Math.max(0, value)));
    const [ru, rv, rn] = [clamp(u), clamp(v), clamp(axis)];
    if (ru[1] <= ru[0] || rv[1] <= rv[0]) return;
    const picture = base.painted(axis, isFar ? rn[1] - 1 : rn[0], true);
    const [o, a, , b] = corners;
    const [lu, lv] = [u, v].map((other) => box.region[other][1] - box.region[other][0]);
    const [ux, uy, vx, vy] = [(a[0] - o[0]) / lu, (a[1] - o[1]) / lu, (b[0] - o[0]) / lv, (b[1] - o[1]) / lv];
    context.save();
    context.transform(ux, uy, vx, vy, o[0], o[1]);
    const paint = (image) => {
      const [su, sv] = [image.width / this.grid.extent[u], image.height / this.grid.extent[v]];
      context.drawImage(image, ru[0] * su, rv[0] * sv, (ru[1] - ru[0]) * su, (rv[1] - rv[0]) * sv,
        ru[0] - box.region[u][0], rv[0] - box.region[v][0], ru[1] - ru[0], rv[1] - rv[0]);
    };
    paint(picture);
    const alpha = context.globalAlpha;
    const [startU, startV] = [box.region[u][0], box.region[v][0]];
    const sides = (region) => [region[u][0] - startU, region[v][0] - startV, region[u][1] - region[u][0], region[v][1] - region[v][0]];
    drawRevealed(context, { grid: this.grid, axis, voxel: rn[0], box: sides }, () => {
      for (const overlay of shownOverlays()) {
        context.globalAlpha = alpha * overlay.opacity;
        paint(overlay.painted(axis, isFar ? rn[1] - 1 : rn[0]));
      }
    });
    context.restore();
  }

  /** Draws the three slices through the cursor at their place in the image. */
  drawCursorSlices(context) {
    [0, 1, 2].filter((axis) => Math.abs(this.columns[axis][2]) > 0.02).forEach((axis) => {
      const region = this.grid.extent.map((size) => [0, size]);
      region[axis] = [state.cursor[axis], state.cursor[axis] + 1];
      const face = this.faces(region, [0, 0, 0]).find((found) => found.axis === axis);
      context.globalAlpha = 0.9;
      this.drawPicture(context, face, { region });
      context.globalAlpha = 1;
    });
  }

  /** Draws the edges of a box: all edges dashed, or only those in front. */
  drawEdges(context, region, moved, color, lineWidth, areBehind) {
    context.strokeStyle = color;
    context.lineWidth = lineWidth;
    if (!areBehind) {
      for (const face of this.faces(region, moved)) { this.path(context, face.corners); context.stroke(); }
      return;
    }
    const corner = (bits) => this.point(region.map((range, axis) => range[(bits >> axis) & 1]), moved);
    context.setLineDash([3, 4]);
    for (let bits = 0; bits < 8; bits += 1) {
      for (let axis = 0; axis < 3; axis += 1) {
        if (bits & (1 << axis)) continue;
        this.path(context, [corner(bits), corner(bits | (1 << axis))]);
        context.stroke();
      }
    }
    context.setLineDash([]);
  }

  drawAxes(context, height) {
    const origin = [46, height - 44];
    context.font = '600 12px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineWidth = 1.6;
    this.columns.forEach(([x, y], axis) => {
      if (this.grid.isFlat && axis === 2) return;
      context.strokeStyle = context.fillStyle = ['#f97066', '#84cc16', '#60a5fa'][axis];
      context.beginPath();
      context.moveTo(...origin);
      context.lineTo(origin[0] + x * 26, origin[1] - y * 26);
      context.stroke();
      context.fillText(AXES[axis], origin[0] + x * 36, origin[1] - y * 36);
    });
  }

  /** Selects the nearest box under a click. */
  choose(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const isInside = (corners) => {
      const sides = corners.map(([ax, ay], i) => {
        const [bx, by] = corners[(i + 1) % 4];
        return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
      });
      return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
    };
    const hit = this.boxes.findLast((one) => this.faces(one.region, one.moved).some((face) => isInside(face.corners)));
    choosePatch(hit ? hit.index : null);
  }
}
