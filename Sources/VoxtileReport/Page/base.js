// Shared by all modules: creating elements, formatting numbers, colors, and the common state.

export const AXES = ['x', 'y', 'z'];

export const byId = (id) => document.getElementById(id);

/** Creates an HTML element with attributes and children. An attribute that is a function becomes an event listener. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Creates an SVG element with attributes and children. */
export function drawing(name, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export const inWords = {
  /** What the image consists of; `pixel` for a 2D image. */
  element: 'voxel',
  count: (number) => Math.round(number).toLocaleString('en-US'),
  things: (number, thing) =>
    `${inWords.count(number)} ${thing}${number === 1 ? '' : thing.endsWith('ch') ? 'es' : 's'}`,
  /** Rounds to significant digits and drops trailing zeros. */
  number(value, digits = 4) {
    if (value == null || !Number.isFinite(value)) return 'n/a';
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (size >= 1e7 || size < 1e-4) return value.toExponential(2);
    return String(Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1))))));
  },
  /** A label, with all its digits: labels of an atlas can be large. */
  label: (value) => `label ${value}`,
  bytes(count) {
    const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;
    while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit += 1; }
    return `${Number(count.toFixed(unit === 0 ? 0 : 1))} ${units[unit]}`;
  },
  percent(part, whole) {
    const value = 100 * part / whole;
    if (value > 0 && value < 0.01) return 'less than 0.01 %';
    return `${Number(value.toFixed(value < 1 ? 2 : 1))} %`;
  },
  seconds: (value) => (value < 0.0995 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(value < 10 ? 1 : 0)} s`),
  /** Sizes along the axes; the depth of a 2D image is left out. */
  size: (sizes, isFlat) => sizes.slice(0, isFlat ? 2 : 3).join('\u00a0×\u00a0'),
  /** A half-open range of coordinates. */
  run: ([from, to]) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`),
};

/** The largest value, but at least `least`. Unlike `Math.max(...values)`, it has no limit on the number of values. */
export const largestOf = (values, least = -Infinity) => values.reduce((most, value) => (value > most ? value : most), least);

/** The shared state of the page. Change it with `set`; listeners are called at most once per frame. */
export const state = {
  cursor: [0, 0, 0], chosen: null, base: 0, overlays: [], revealed: null, window: null,
  showsGrid: true, showsCoverage: false, showsCross: true, slices: 0,
  // Overlays are seen only where patches up to `revealed` are; null for everywhere. Counts of changes to how labels look, and to how overlays are drawn. Then the view of the slices: zoom over the size that
  // fits, the point in the middle (null: that of the image), the only axis shown (null: all), what a drag does, a ruler, the color map, and
  // whether the patient's right is on the left.
  labelStyles: 0, overlayStyles: 0, zoom: 1, center: null, single: null, tool: 'point', ruler: null, colors: 'gray', isRadiological: false,
  listeners: [], changed: new Set(), frame: 0, frameTime: 0,

  set(changes) {
    for (const [key, value] of Object.entries(changes)) {
      this[key] = value;
      this.changed.add(key);
    }
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.tell());
  },

  /** Calls a listener whenever one of the keys has changed. */
  watch(keys, listener) { this.listeners.push({ keys, listener }); },

  /** Calls the listeners of all keys that have changed. */
  tell() {
    cancelAnimationFrame(this.frame);
    const start = performance.now();
    const changed = this.changed;
    this.changed = new Set();
    this.frame = 0;
    for (const { keys, listener } of this.listeners) {
      if (!keys.some((key) => changed.has(key))) continue;
      // An error in one listener must not stop the others.
      try { listener(changed); } catch (error) { reportError(error); }
    }
    this.frameTime = performance.now() - start;
  },
};

/** The data of the page, and the objects that draw it. */
export const page = { data: null, grid: null, layers: [], patchFiles: null, views: [], active: null, space: null, sheet: null, firstOverlays: [], labelLists: [], lastOverlays: null, state, readyTime: 0 };

/** Selects a patch and moves the cursor to its center; null clears the selection. */
export function choosePatch(index) {
  if (index == null) { state.set({ chosen: null }); return; }
  const patch = page.grid.patch(index);
  state.set({ chosen: index, cursor: page.grid.middle(patch) });
}

/** A color as the 32-bit number that a canvas stores. */
export const rgba = (r, g, b, a = 255) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;

/**
 * An element that redraws itself with `make(width)` whenever its width changes, so that text has the same size on phones
 * and on large screens.
 */
export function fitted(make) {
  const host = element('div');
  let made = 0;
  new ResizeObserver(() => {
    const width = Math.min(1000, Math.max(280, Math.round(host.clientWidth)));
    if (width === made) return;
    made = width;
    host.replaceChildren(make(width));
  }).observe(host);
  host.append(make(1000));
  return host;
}

/** Matches the resolution of a canvas to the screen. Returns its size in CSS pixels. */
export function fitCanvas(canvas) {
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
  const context = canvas.getContext('2d');
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { context, width, height };
}
