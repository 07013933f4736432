// A view as an address: where the cursor is and how the slices are shown, after the `#`.

import { AXES, page, state } from './base.js';
import { COLOR_MAPS } from './colormaps.js';

const numbers = (text, count) => {
  const values = (text ?? '').split(',').map(Number);
  return values.length === count && values.every(Number.isFinite) ? values : null;
};

/** What is shown, as the part of an address after the `#`. */
export function viewAsHash() {
  const parts = [`at=${state.cursor.join(',')}`];
  const short = (value) => Number(value.toFixed(2));
  if (state.zoom !== 1) parts.push(`zoom=${short(state.zoom)}`);
  if (state.zoom !== 1 && state.center) parts.push(`middle=${state.center.map(short).join(',')}`);
  if (state.window) parts.push(`window=${state.window.map((value) => Number(value.toPrecision(6))).join(',')}`);
  if (state.colors !== 'gray') parts.push(`colors=${encodeURIComponent(state.colors)}`);
  if (state.single != null) parts.push(`slice=${AXES[state.single]}`);
  if (state.isRadiological) parts.push('side=radiological');
  if (state.overlays.join() !== page.firstOverlays.join()) parts.push(`overlay=${state.overlays.join() || 'none'}`);
  return parts.join('&');
}

/** What an address says, as changes of the state; null if it does not say a place. Anything that makes no sense is left out. */
export function viewOfHash(hash, grid, layers) {
  const said = new URLSearchParams(hash.replace(/^#/u, ''));
  const at = numbers(said.get('at'), 3)?.map(Math.round);
  if (!at?.every((voxel, axis) => voxel >= 0 && voxel < grid.extent[axis])) return null;
  const zoom = Number(said.get('zoom') ?? 1);
  const window = numbers(said.get('window'), 2);
  const colors = COLOR_MAPS.find((name) => name === said.get('colors'));
  const single = AXES.indexOf(said.get('slice'));
  const changes = {
    cursor: at, zoom: zoom > 0 && zoom < 1000 ? zoom : 1, center: numbers(said.get('middle'), 3),
    single: single >= 0 && !grid.isFlat ? single : null, isRadiological: said.get('side') === 'radiological',
  };
  if (window && window[0] <= window[1]) changes.window = window;
  if (colors) changes.colors = colors;
  const overlays = said.get('overlay')?.split(',').map(Number) ?? [];
  if (said.get('overlay') === 'none') changes.overlays = [];
  else if (overlays.length && overlays.every((index) => layers[index]?.role === 'overlay')) changes.overlays = overlays;
  return changes;
}

/** Replaces the address of the page by one that leads to what is shown. */
function keepAddress() {
  // Browsers limit how often this may be done, and refuse it in some frames.
  try { history.replaceState(null, '', `#${viewAsHash()}`); } catch { /* The page works without. */ }
}

/** Keeps the address true when the cursor rests, and follows an address that is typed. */
export function followAddress() {
  let timer = 0;
  state.watch(['cursor', 'zoom', 'center', 'window', 'colors', 'single', 'isRadiological', 'overlays'], () => {
    clearTimeout(timer);
    timer = setTimeout(keepAddress, 400);
  });
  window.addEventListener('hashchange', () => {
    const changes = viewOfHash(location.hash, page.grid, page.layers);
    if (changes) state.set(changes);
  });
}

/** Copies the address of what is shown, where the browser allows it. */
export async function linkHere(tell) {
  keepAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    tell('The link is copied. It leads to this place in this page.');
  } catch {
    tell('The address of this page now leads to this place. Copy it from the address bar.');
  }
}
