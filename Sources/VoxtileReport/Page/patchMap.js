// The patches of one scan over its shadow, from each side.

import { AXES, element, fitCanvas, inWords } from './base.js';
import { foregroundWords, isMissed, reasonColor, reasonWords, ruleWords, thing } from './reasons.js';

const sideWords = (view) => (view.plane ? `${view.plane} (along ${AXES[view.axis]})` : `along ${AXES[view.axis]}`);

export class PatchMap {
  /** Takes the data of the page, the element for the views, the one for words, and what is called when a patch is chosen. */
  constructor(data, host, readout, choose) {
    Object.assign(this, { data, host, readout, choose, hidden: new Set(), scan: 0, patch: null, component: null, views: [] });
    new ResizeObserver(() => this.draw()).observe(host);
  }

  /** Shows a scan, with a patch or a component of it marked. */
  show(scan, { patch = null, component = null } = {}) {
    const isOther = scan !== this.scan || this.views.length === 0;
    Object.assign(this, { scan, patch, component });
    if (isOther) this.makeViews();
    this.draw();
    this.say(patch);
  }

  toggle(kind) {
    if (!this.hidden.delete(kind)) this.hidden.add(kind);
    this.draw();
  }

  makeViews() {
    const { extent, spacing, views, name } = this.data.scans[this.scan];
    this.patches = this.data.patches.filter((patch) => patch.scan === this.scan);
    this.components = this.data.components.filter((component) => component.scan === this.scan);
    this.views = views.map((view) => {
      const length = (axis) => extent[axis] * (spacing[axis] || 1);
      const canvas = element('canvas', { role: 'img', 'aria-label': `Patches of ${name}, ${sideWords(view)}` });
      const figure = element('figure', {}, element('figcaption', {}, sideWords(view)), canvas);
      figure.style.setProperty('--ratio', Math.min(4, Math.max(0.25, length(view.across) / length(view.down))));
      const made = { ...view, canvas, figure, image: null };
      canvas.addEventListener('pointermove', (event) => this.say(this.patchAt(made, event)));
      canvas.addEventListener('pointerleave', () => this.say(this.patch));
      canvas.addEventListener('click', (event) => this.choose(this.patchAt(made, event)));
      if (view.picture) {
        made.image = new Image();
        made.image.addEventListener('load', () => this.draw());
        made.image.src = `data:image/png;base64,${view.picture}`;
      }
      return made;
    });
    this.host.replaceChildren(...this.views.map(({ figure }) => figure));
  }

  /** Where a box lies in a view of a size: left, top, width, height. */
  place(view, start, size, width, height) {
    const { extent } = this.data.scans[this.scan];
    const side = (axis, length, isReversed) => {
      const [from, to] = [start[axis] / extent[axis], (start[axis] + size[axis]) / extent[axis]];
      return isReversed ? [(1 - to) * length, (to - from) * length] : [from * length, (to - from) * length];
    };
    const [left, wide] = side(view.across, width, view.isAcrossReversed);
    const [top, high] = side(view.down, height, view.isDownReversed);
    return [left, top, wide, high];
  }

  get shown() { return this.patches.filter((patch) => !this.hidden.has(patch.kind)); }

  draw() {
    for (const view of this.views) {
      const { context, width, height } = fitCanvas(view.canvas);
      context.fillStyle = '#000';
      context.fillRect(0, 0, width, height);
      if (view.image?.complete && view.image.naturalWidth) {
        context.globalAlpha = 0.7;
        context.drawImage(view.image, 0, 0, width, height);
        context.globalAlpha = 1;
      }
      this.drawComponents(view, context, width, height);
      const { shown } = this;
      // Many outlines are fainter, so that they do not hide each other.
      const alpha = Math.max(0.25, Math.min(0.95, 24 / Math.max(1, shown.length)));
      for (const patch of shown) this.drawPatch(view, context, patch, this.place(view, patch.start, this.data.patch, width, height), alpha);
      if (this.patch) this.drawPatch(view, context, this.patch, this.place(view, this.patch.start, this.data.patch, width, height), 1, true);
    }
  }

  drawPatch(view, context, patch, [left, top, wide, high], alpha, isChosen = false) {
    context.globalAlpha = alpha;
    context.strokeStyle = isChosen ? '#ffffff' : reasonColor(patch.kind);
    context.lineWidth = isChosen ? 2.5 : 1.25;
    context.setLineDash(patch.relaxed && !isChosen ? [4, 3] : []);
    context.strokeRect(left + 0.5, top + 0.5, Math.max(1, wide - 1), Math.max(1, high - 1));
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  drawComponents(view, context, width, height) {
    for (const component of this.components) {
      const [left, top, wide, high] = this.place(view, component.start, component.extent, width, height);
      const isChosen = component === this.component;
      const isLost = isMissed(component, this.data);
      context.fillStyle = isLost ? 'rgb(255 70 60 / .95)' : isChosen ? 'rgb(255 255 255 / .8)' : 'rgb(255 255 255 / .3)';
      context.beginPath();
      context.ellipse(left + wide / 2, top + high / 2, Math.max(1.5, wide / 2), Math.max(1.5, high / 2), 0, 0, 2 * Math.PI);
      context.fill();
      if (!isChosen && !isLost) continue;
      context.strokeStyle = isLost ? '#ff463c' : '#ffffff';
      context.lineWidth = 2;
      context.strokeRect(left - 4, top - 4, wide + 8, high + 8);
    }
  }

  /** The patch whose border is nearest to the pointer; null where none is near. */
  patchAt(view, event) {
    const box = view.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    let least = 14;
    for (const patch of this.shown) {
      const [left, top, wide, high] = this.place(view, patch.start, this.data.patch, box.width, box.height);
      const [dx, dy] = [Math.max(left - x, x - left - wide), Math.max(top - y, y - top - high)];
      const distance = Math.abs(Math.max(dx, dy));
      if (distance < least) { best = patch; least = distance; }
    }
    return best;
  }

  say(patch) {
    const scan = this.data.scans[this.scan];
    if (!patch) {
      const { component } = this;
      this.readout.textContent = component
        ? `${thing(this.data)[0].toUpperCase()}${thing(this.data).slice(1)} ${component.id} of ${scan.name}: ${inWords.things(component.voxels, 'voxel')}, from ${component.start.join(', ')}.`
        : 'Point at the border of a patch to read about it; click to find its picture below. White spots are the components of labels that are listed below.';
      return;
    }
    this.readout.replaceChildren(element('b', {}, `Patch ${patch.number} of ${scan.name}`), `: ${reasonWords(patch, this.data)}; from `
      + `${patch.start.map((value, axis) => `${AXES[axis]} ${value}`).join(', ')}; ${foregroundWords(patch, this.data)}`
      + `${patch.relaxed ? `; one of those that ${patch.relaxed.map(ruleWords).join(', ')}` : ''}.`);
  }
}
