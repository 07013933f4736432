// The contact sheet: the middle slice of each patch file, or of the image there, arranged as in the image.

import { AXES, byId, choosePatch, element, fitCanvas, inWords, largestOf, page, state } from './base.js';
import { shownBase } from './layers.js';
import { faultNote } from './patchFiles.js';
import { shownOverlays } from './overlays.js';
import { patchesThatStandOut } from './seams.js';

export class Sheet {
  /** How many patches are shown at first, and how many more each time. */
  static step = 180;
  /** The number of patches from which the sheet is folded. */
  static manyTiles = 60;

  constructor(grid, layout) {
    this.grid = grid;
    this.showsEmpty = false;
    /** Whether the patch files are shown, instead of the image. */
    this.showsFiles = page.patchFiles != null;
    this.most = Sheet.step;
    this.findEmpty();
    byId('sheet-more').addEventListener('click', () => {
      this.most = this.nextMost();
      this.arrange(this.layout);
      this.drawSoon();
    });
    byId('sheet-source').addEventListener('click', () => {
      this.showsFiles = !this.showsFiles;
      this.arrange(this.layout);
      this.drawSoon();
    });
    byId('sheet-empty').addEventListener('click', () => {
      this.showsEmpty = !this.showsEmpty;
      this.arrange(this.layout);
      this.drawSoon();
    });
    this.arrange(layout);
    byId('sheet-fold').open = this.thumbnails.length < Sheet.manyTiles;
    state.watch(['chosen'], () => this.mark());
    state.watch(['base', 'overlays', 'overlayStyles', 'window', 'colors', 'labelStyles'], () => this.drawSoon());
    // Printing shows all of them, including those not scrolled into view.
    window.addEventListener('beforeprint', () => this.thumbnails.forEach((thumbnail) => this.draw(thumbnail)));
  }

  /** Finds the patches in which there is nothing to see. Where all are like that, none is hidden. */
  findEmpty() {
    this.empty = new Set();
    const image = page.layers[0];
    // Looking through very many patches would take longer than a person waits.
    if (!image || this.grid.count > 5000) return;
    for (let index = 0; index < this.grid.count; index += 1) {
      if (image.isEmpty(this.grid.patch(index).region) && (page.patchFiles?.isEmpty(index) ?? true)) this.empty.add(index);
    }
    if (this.empty.size === this.grid.count) this.empty.clear();
  }

  /** How many patches are shown next: some more of a large layer, else whole layers. */
  nextMost() {
    const { u, v } = this.layout;
    const ofLayer = this.grid.counts[u] * this.grid.counts[v];
    if (this.most < ofLayer) return Math.min(ofLayer, this.most + Sheet.step);
    return ofLayer * (Math.floor(this.most / ofLayer) + Math.max(1, Math.floor(Sheet.step / ofLayer)));
  }

  /** Whether a patch is left out. */
  isHidden(index) { return !this.showsEmpty && this.empty.has(index); }

  /** Makes the thumbnails, arranged as in the image. */
  arrange(layout) {
    const { grid } = this;
    this.layout = layout;
    this.thumbnails = [];
    this.observer?.disconnect();
    byId('sheet-layers').replaceChildren();
    const { u, v, axis, flipU, flipV } = layout;
    const [columns, rows, layers] = [grid.counts[u], grid.counts[v], grid.counts[axis]];
    const shownLayers = Math.max(1, Math.min(layers, Math.floor(this.most / (columns * rows)) || 1));
    const wanted = Math.min(columns * rows, this.most);
    const places = (count, isFlipped) => Array.from({ length: count }, (_, i) => (isFlipped ? count - 1 - i : i));
    const host = byId('sheet-layers');
    const named = this.namedFirst();
    byId('sheet-named').replaceChildren(...(named ? [named] : []));
    const isWide = columns > 12;
    const indexOf = (row, column, layer) => {
      const position = [];
      position[u] = column;
      position[v] = row;
      position[axis] = layer;
      return grid.index(position);
    };
    const hasNone = (row, layer) => places(columns, flipU).every((column) => this.isHidden(indexOf(row, column, layer)));
    let hidden = 0;
    let layersLeft = shownLayers;
    for (let layer = 0; layer < layers && layersLeft > 0; layer += 1) {
      if (places(rows, flipV).every((row) => hasNone(row, layer))) { hidden += rows * columns; continue; }
      layersLeft -= 1;
      const thumbnails = element('div', { class: 'thumbnails' });
      const width = isWide ? 84 : Math.round(Math.min(layers > 1 ? 116 : 240, Math.max(74, 1000 / columns)));
      thumbnails.style.gridTemplateColumns = isWide ? `repeat(auto-fill, ${width}px)` : `repeat(${columns}, minmax(0, ${width}px))`;
      let made = 0;
      for (const row of places(rows, flipV)) {
        if (hasNone(row, layer)) { hidden += columns; continue; }
        for (const column of places(columns, flipU)) {
          if (made === wanted) break;
          made += 1;
          const index = indexOf(row, column, layer);
          if (this.isHidden(index)) {
            hidden += 1;
            // Its place stays free, so that the others lie as in the image.
            thumbnails.append(element('span', { 'aria-hidden': 'true' }));
          } else {
            thumbnails.append(this.thumbnail(grid.patch(index)));
          }
        }
      }
      const range = grid.ranges[axis][layer];
      const title = layers === 1 ? null : element('h3', {}, `Layer ${layer + 1} of ${layers}: ${AXES[axis]} = ${inWords.run(range)}`);
      host.append(element('div', { class: 'layer' }, title, thumbnails));
    }
    const shown = this.thumbnails.length - (named ? this.named.length : 0);
    byId('sheet-more').hidden = shown + hidden >= grid.count;
    byId('sheet-fold').querySelector('summary').textContent = inWords.things(shown, 'patch');
    const toggle = byId('sheet-empty');
    toggle.hidden = this.empty.size === 0;
    toggle.textContent = this.showsEmpty ? 'Hide empty patches' : 'Show empty patches';
    byId('sheet-source').hidden = page.patchFiles == null;
    byId('sheet-source').textContent = this.showsFiles ? 'Show the image' : 'Show the patch files';
    const left = hidden > 0 ? `${inWords.things(hidden, 'empty patch')} ${hidden === 1 ? 'is' : 'are'} left out. ` : '';
    byId('sheet-note').textContent = left + (shown + hidden < grid.count
      ? `The first ${inWords.count(shown)} of ${inWords.things(grid.count, 'patch')}. ` : hidden > 0 ? '' : `All ${inWords.things(grid.count, 'patch')}. `)
      + (page.patchFiles == null ? '' : this.showsFiles ? `The pictures are of the patch files. ${page.patchFiles.words}` : 'The pictures are of the image. ')
      + `${grid.isFlat ? 'Arranged as in the image.' : `Each shows its middle slice across ${AXES[axis]}, arranged as in the image.`} Click a patch to select it in the other views.`;
    this.mark();
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const thumbnail = this.byElement.get(target);
        thumbnail.isVisible = isIntersecting;
        if (isIntersecting && thumbnail.isStale) this.draw(thumbnail);
      }
    }, { rootMargin: '400px' });
    this.byElement = new Map(this.thumbnails.map((thumbnail) => [thumbnail.button, thumbnail]));
    for (const { button } of this.thumbnails) this.observer.observe(button);
  }

  /** The patches that the page names elsewhere, in front of all others where there are many; null if there are none. */
  namedFirst() {
    const faults = page.patchFiles?.unread.map(({ index }) => index) ?? [];
    const standOut = page.data.merge ? patchesThatStandOut(page.data.merge.seams).map(({ index }) => index) : [];
    this.named = [...new Set([...standOut, ...faults])].slice(0, 24);
    if (!this.named.length || this.grid.count < Sheet.manyTiles) return null;
    const thumbnails = element('div', { class: 'thumbnails' });
    thumbnails.style.gridTemplateColumns = 'repeat(auto-fill, 116px)';
    thumbnails.append(...this.named.map((index) => this.thumbnail(this.grid.patch(index))));
    return element('div', { class: 'layer named' }, element('h3', {}, 'Worth a look'), thumbnails);
  }

  thumbnail(patch) {
    const canvas = element('canvas', { 'aria-hidden': 'true' });
    const fault = this.showsFiles ? page.patchFiles.fault(patch.index) : null;
    const [u, v] = [this.layout.u, this.layout.v];
    const sizes = [u, v].map((axis) => patch.region[axis][1] - patch.region[axis][0]);
    const ratio = (sizes[0] * this.grid.spacing[u]) / (sizes[1] * this.grid.spacing[v]);
    canvas.style.aspectRatio = Math.min(3, Math.max(0.33, ratio));
    // One scale holds for all: a patch that is cut off at the edge is as much narrower.
    const whole = largestOf(this.grid.ranges[u].map(([from, to]) => to - from));
    canvas.style.width = `${100 * sizes[0] / whole}%`;
    const starts = patch.region.map(([from]) => from).slice(0, this.grid.isFlat ? 2 : 3);
    const button = element('button', {
      type: 'button', class: 'thumbnail', 'aria-pressed': 'false', title: patch.file ?? `patch ${patch.index}`,
      'aria-label': `Patch ${patch.index}, ${this.grid.regionInWords(patch.region)}${fault ? `, cannot be shown: ${fault}` : ''}`, click: () => choosePatch(patch.index),
    }, canvas, fault ? faultNote(fault) : null, element('span', {}, element('b', {}, String(patch.index)), element('i', {}, `(${starts.join(', ')})`)));
    this.thumbnails.push({ patch, canvas, button, isStale: true, isVisible: false });
    return button;
  }

  mark() {
    for (const { patch, button } of this.thumbnails) button.setAttribute('aria-pressed', String(patch.index === state.chosen));
  }

  /** Redraws visible patches soon, and the others when they are scrolled into view. */
  drawSoon() {
    for (const thumbnail of this.thumbnails) thumbnail.isStale = true;
    clearTimeout(this.timer);
    // Waits a moment, because dragging a slider changes the pictures in every frame.
    this.timer = setTimeout(() => this.thumbnails.filter((thumbnail) => thumbnail.isVisible).forEach((thumbnail) => this.draw(thumbnail)), 90);
  }

  draw(thumbnail) {
    thumbnail.isStale = false;
    const { context, width, height } = fitCanvas(thumbnail.canvas);
    const { u, v, axis, flipU, flipV } = this.layout;
    const { region } = thumbnail.patch;
    const [low, high] = [Math.max(0, region[axis][0]), Math.min(this.grid.extent[axis], region[axis][1])];
    const voxel = Math.floor((low + high - 1) / 2);
    context.fillStyle = '#1b2129';
    context.fillRect(0, 0, width, height);
    context.strokeStyle = '#3b4554';
    context.beginPath();
    for (let at = -height; at < width; at += 7) { context.moveTo(at, 0); context.lineTo(at + height, height); }
    context.stroke();
    const sides = [u, v].map((side, i) => {
      const [from, to] = region[side];
      const inside = [Math.max(0, from), Math.min(this.grid.extent[side], to)];
      const scale = (i === 0 ? width : height) / (to - from);
      return { from, inside, scale };
    });
    // Draws a part of a picture: where it starts, and how long it is, along the picture's columns and rows.
    const paint = (picture, isSmooth, source, target) => {
      const isTurned = u > v;
      context.save();
      context.imageSmoothingEnabled = isSmooth;
      context.translate(flipU ? width : 0, flipV ? height : 0);
      context.scale(flipU ? -1 : 1, flipV ? -1 : 1);
      if (isTurned) {
        context.transform(0, 1, 1, 0, 0, 0);
        context.drawImage(picture, source[1][0], source[0][0], source[1][1], source[0][1], target[1][0], target[0][0], target[1][1], target[0][1]);
      } else {
        context.drawImage(picture, source[0][0], source[1][0], source[0][1], source[1][1], target[0][0], target[1][0], target[0][1], target[1][1]);
      }
      context.restore();
    };
    const lengthsOf = (picture) => (u > v ? [picture.height, picture.width] : [picture.width, picture.height]);
    if (this.showsFiles) {
      const picture = page.patchFiles.picture(thumbnail.patch.index);
      if (picture) paint(picture, page.patchFiles.layer.kind !== 'labels', lengthsOf(picture).map((length) => [0, length]), [[0, width], [0, height]]);
      return;
    }
    const target = sides.map(({ from, inside, scale }) => [(inside[0] - from) * scale, (inside[1] - inside[0]) * scale]);
    const paintImage = (picture, isSmooth) => {
      const lengths = lengthsOf(picture);
      paint(picture, isSmooth, sides.map(({ inside }, i) => {
        const step = lengths[i] / this.grid.extent[i === 0 ? u : v];
        return [inside[0] * step, (inside[1] - inside[0]) * step];
      }), target);
    };
    const base = shownBase();
    paintImage(base.painted(axis, voxel), base.kind !== 'labels');
    for (const overlay of shownOverlays()) {
      context.globalAlpha = overlay.opacity;
      paintImage(overlay.painted(axis, voxel), false);
    }
    context.globalAlpha = 1;
  }
}
