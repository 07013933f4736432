// The keys of the slices, and the sheet that lists them.

import { byId, element, page, state } from './base.js';
import { toggleOutlines, toggleOverlays } from './overlays.js';
import { savePicture } from './picture.js';
import { toggleFullScreen } from './screen.js';
import { activeView, zoomAt, zoomToActual, zoomToFit } from './viewport.js';

const toggle = (key) => () => state.set({ [key]: !state[key] });
const tool = (name) => () => state.set({ tool: state.tool === name ? 'point' : name });

/** What a key does while the slices have the focus. */
const ACTIONS = {
  '+': () => zoomAt(activeView(), 1.5), '=': () => zoomAt(activeView(), 1.5), '-': () => zoomAt(activeView(), 1 / 1.5),
  0: zoomToFit, 1: zoomToActual, m: () => activeView().toggleAlone(), f: toggleFullScreen, s: savePicture,
  r: tool('ruler'), w: tool('window'), g: toggle('showsGrid'), c: toggle('showsCoverage'), x: toggle('showsCross'),
  o: toggleOverlays, l: toggleOutlines,
  Escape: () => state.set({ ruler: null, single: null }),
};

const SHEET = [
  ['Drag', 'move the crosshair'], ['Wheel, Page Up, Page Down', 'next slice'], ['Arrow keys', 'one voxel; with Shift, ten'],
  ['Ctrl + wheel, pinch, double click, +, −', 'zoom at the pointer'], ['0', 'show the whole image'], ['1', 'one pixel for each voxel'],
  ['Space + drag, middle button, two fingers', 'move the image'], ['Right button + drag, W', 'contrast and brightness'],
  ['Shift + drag, R', 'ruler; Enter at both ends; Escape removes it'], ['M', 'show only this slice'], ['F', 'full screen'],
  ['G, C, X', 'patch grid, coverage, crosshair'], ['O, L', 'overlays on or off, outlines of labels'], ['S', 'save a picture'], ['?', 'this sheet'],
];

/** Opens the sheet of keys. */
export function showKeys() { byId('keys').showModal(); }

/** Listens to the keys: single letters only while the slices have the focus, so that they disturb nobody. */
export function listenToKeys() {
  byId('keys-body').append(...SHEET.map(([keys, does]) => element('tr', {}, element('th', { scope: 'row' }, keys), element('td', {},
    page.grid.isFlat ? does.replaceAll('voxel', 'pixel') : does))));
  const isTyping = (event) => ['text', 'number', 'search'].includes(event.target.type) || event.target.tagName === 'SELECT';
  const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey || isTyping(event));
  byId('stage').addEventListener('keydown', (event) => {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!isPlain(event) || !ACTIONS[name]) return;
    event.preventDefault();
    ACTIONS[name]();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '?' || !isPlain(event)) return;
    event.preventDefault();
    showKeys();
  });
}
