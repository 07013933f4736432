// What the mouse, fingers and the arrow keys do on a slice.

import { page, state } from './base.js';
import { shownBase } from './layers.js';
import { measureAtCursor } from './ruler.js';
import { panBy, zoomAt } from './viewport.js';

/** The distance in CSS pixels that a slow wheel or touchpad moves for one slice. */
const PIXELS_PER_SLICE = 40;

/** The distance in CSS pixels from which a finger that moves is no tap. */
const SLOP = 10;

/** What a drag does: by its button, by keys that are held, or by the chosen tool. */
function modeOf(event, isSpaceHeld) {
  if (event.button === 1) return 'pan';
  if (event.button === 2) return 'window';
  if (isSpaceHeld) return 'pan';
  return event.shiftKey ? 'ruler' : state.tool;
}

/** Changes the window by a drag: to the right is more contrast, up is brighter. A drag over 300 pixels changes it by its width. */
function dragWindow(from, [dx, dy]) {
  const [a, b] = from;
  const width = (b - a) || 1;
  const [middle, half] = [(a + b) / 2 + width * dy / 300, width / 2 * Math.exp(-dx / 150)];
  state.set({ window: [middle - half, middle + half] });
}

class Gestures {
  constructor(view) {
    this.view = view;
    this.pointers = new Map();
    this.scrolled = 0;
    this.isSpaceHeld = false;
  }

  position(event) {
    const box = this.view.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    const { canvas } = this.view;
    page.active = this.view;
    canvas.setPointerCapture(event.pointerId);
    const at = this.position(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size > 1) { this.mode = 'pinch'; return; }
    this.mode = modeOf(event, this.isSpaceHeld);
    this.from = { at, last: at, window: state.window ?? shownBase().window };
    // A finger may be about to scroll the page, which is known only when it moves.
    this.waits = event.pointerType === 'touch' && this.mode === 'point';
    this.isTap = true;
    if (!this.waits) {
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      this.drag(at);
    }
  }

  move(event) {
    if (!this.pointers.has(event.pointerId)) return;
    const at = this.position(event);
    if (this.mode === 'pinch') { this.pinch(event.pointerId, at); return; }
    this.pointers.set(event.pointerId, at);
    if (this.waits) {
      const [far, down] = at.map((value, side) => Math.abs(value - this.from.at[side]));
      if (far < SLOP || far < down) { this.isTap &&= down < SLOP; return; }
      this.waits = false;
    }
    this.drag(at);
    this.from.last = at;
  }

  drag(at) {
    const { view, from } = this;
    const by = at.map((value, side) => value - from.last[side]);
    if (this.mode === 'point') view.pick(at);
    if (this.mode === 'pan') panBy(view, by);
    if (this.mode === 'window' && shownBase().kind === 'intensity') {
      const far = at.map((value, side) => value - from.at[side]);
      if (far.some((value) => value !== 0)) dragWindow(from.window, far);
    }
    if (this.mode === 'ruler') {
      const point = view.pointAt(at);
      const isStart = at.every((value, side) => value === from.at[side]);
      state.set({ ruler: { axis: view.axis, from: isStart ? point : state.ruler.from, to: isStart ? null : point } });
    }
  }

  /** Zooms and pans by two fingers. */
  pinch(moved, at) {
    const [other, old] = [[...this.pointers].find(([id]) => id !== moved)?.[1], this.pointers.get(moved)];
    this.pointers.set(moved, at);
    if (!other) return;
    const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
    const middle = (point) => point.map((value, side) => (value + other[side]) / 2);
    const [from, to] = [middle(old), middle(at)];
    if (apart(old) > 8) zoomAt(this.view, apart(at) / apart(old), from);
    panBy(this.view, to.map((value, side) => value - from[side]));
  }

  up(event, isCanceled = false) {
    const at = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (at && this.waits && this.isTap && !isCanceled && this.mode === 'point') this.view.pick(at);
    this.waits = false;
  }

  wheel(event) {
    const { view } = this;
    page.active = view;
    if (event.ctrlKey) {
      event.preventDefault();
      // A touchpad that is pinched sends many small steps, a wheel few large ones.
      zoomAt(view, Math.exp(-Math.min(30, Math.max(-30, event.deltaY)) / 100), this.position(event));
      return;
    }
    if (view.grid.extent[view.axis] === 1) return;
    event.preventDefault();
    const isCoarse = event.deltaMode !== 0 || Math.abs(event.deltaY) >= 100;
    this.scrolled = isCoarse ? PIXELS_PER_SLICE * Math.sign(event.deltaY) : this.scrolled + event.deltaY;
    const slices = Math.trunc(this.scrolled / PIXELS_PER_SLICE);
    this.scrolled -= slices * PIXELS_PER_SLICE;
    if (slices) view.moveTo(view.axis, state.cursor[view.axis] - slices);
  }

  key(event) {
    const { view } = this;
    if (event.key === ' ') {
      event.preventDefault();
      this.isSpaceHeld = true;
      return;
    }
    if (event.key === 'Enter' && state.tool === 'ruler') { measureAtCursor(view); return; }
    const far = event.shiftKey ? 10 : 1;
    const moves = {
      ArrowRight: [view.u, view.flipU ? -far : far], ArrowLeft: [view.u, view.flipU ? far : -far],
      ArrowDown: [view.v, view.flipV ? -far : far], ArrowUp: [view.v, view.flipV ? far : -far],
      PageUp: [view.axis, far], PageDown: [view.axis, -far],
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    view.moveTo(move[0], state.cursor[move[0]] + move[1]);
  }
}

/** Listens to the mouse, fingers and keys on the canvas of a slice. */
export function listenToGestures(view) {
  const gestures = new Gestures(view);
  const listen = (name, listener, options) => view.canvas.addEventListener(name, listener, options);
  listen('pointerdown', (event) => gestures.down(event));
  listen('pointermove', (event) => gestures.move(event));
  listen('pointerup', (event) => gestures.up(event));
  listen('pointercancel', (event) => gestures.up(event, true));
  listen('wheel', (event) => gestures.wheel(event), { passive: false });
  listen('dblclick', (event) => { if (state.tool !== 'ruler') zoomAt(view, event.shiftKey ? 0.5 : 2, gestures.position(event)); });
  listen('contextmenu', (event) => event.preventDefault());
  listen('keydown', (event) => gestures.key(event));
  listen('keyup', (event) => { if (event.key === ' ') gestures.isSpaceHeld = false; });
  listen('blur', () => { gestures.isSpaceHeld = false; });
  listen('focus', () => { page.active = view; });
  // The middle button would otherwise start to scroll the page.
  listen('mousedown', (event) => { if (event.button === 1) event.preventDefault(); });
  // One finger scrolls the page; two zoom and move the image.
  listen('touchmove', (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false });
}
