// The buttons above the slices: what a drag does, zoom, go to a place, save a picture, link, full screen, keys.

import { byId, element, page, state } from './base.js';
import { showKeys } from './keys.js';
import { goToLabel } from './labels.js';
import { linkHere } from './link.js';
import { savePicture } from './picture.js';
import { goTo } from './readout.js';
import { fullScreenButton, tell } from './screen.js';
import { activeView, zoomAt, zoomToActual, zoomToFit } from './viewport.js';

const TOOLS = [
  ['point', 'Point', 'A drag moves the crosshair'],
  ['pan', 'Move', 'A drag moves the image; so does the middle button, or the space bar with a drag'],
  ['window', 'Window', 'A drag changes contrast (sideways) and brightness (up and down); so does the right button'],
  ['ruler', 'Ruler', 'A drag measures; so does Shift with a drag. With keys: Enter at both ends'],
];

const button = (text, name, click) => element('button', { type: 'button', 'aria-label': name, title: name, click }, text);

function toolGroup() {
  const buttons = TOOLS.map(([tool, text, name]) => {
    const made = element('button', { type: 'button', title: name, click: () => state.set({ tool }) }, text);
    const show = () => made.setAttribute('aria-pressed', String(state.tool === tool));
    state.watch(['tool'], show);
    show();
    return made;
  });
  // A finger scrolls the page over the slices, unless another tool needs it.
  state.watch(['tool'], () => { byId('views').dataset.tool = state.tool; });
  return element('span', { class: 'group', role: 'group', 'aria-label': 'What a drag does' }, ...buttons);
}

function zoomGroup() {
  const percent = element('output', { class: 'percent', 'aria-label': 'Zoom' });
  const show = () => { percent.textContent = `${Math.round(100 * state.zoom)} %`; };
  state.watch(['zoom'], show);
  show();
  return element('span', { class: 'group', role: 'group', 'aria-label': 'Zoom' },
    button('−', 'Zoom out (-)', () => zoomAt(activeView(), 1 / 1.5)), percent, button('+', 'Zoom in (+)', () => zoomAt(activeView(), 1.5)),
    button('Fit', 'Show the whole image (0)', zoomToFit),
    button('1:1', `One pixel of the screen for each ${page.grid.isFlat ? 'pixel' : 'voxel'} (1)`, zoomToActual));
}

function placeForm() {
  const hasPlace = page.data.place.orientation != null;
  const hasLabels = page.layers.some((layer) => layer.labels);
  const place = element('input', { type: 'text', inputmode: 'text', autocomplete: 'off', spellcheck: 'false', id: 'place',
    'aria-label': hasLabels ? 'Place or label to go to' : 'Place to go to', size: 12,
    placeholder: `${page.grid.isFlat ? 'x, y' : 'x, y, z'}${hasLabels ? ' or label' : ''}` });
  const unit = element('select', { 'aria-label': 'Unit of the place' },
    element('option', { value: 'voxel' }, page.grid.isFlat ? 'pixel' : 'voxel'), hasPlace ? element('option', { value: 'mm' }, 'mm') : null);
  return element('form', { class: 'group', submit: (event) => {
    event.preventDefault();
    const [text, isMetric] = [place.value.replace(/\s*mm\s*$/iu, ''), /mm\s*$/iu.test(place.value)];
    const isName = hasLabels && /\p{L}{2}/u.test(text);
    const fault = isName ? goToLabel(text) : goTo(text, isMetric && hasPlace ? 'mm' : unit.value);
    place.setAttribute('aria-invalid', String(fault !== ''));
    tell(fault);
  } }, place, unit, element('button', { type: 'submit' }, 'Go'));
}

export function makeToolbar() {
  byId('toolbar').append(toolGroup(), zoomGroup(), placeForm(), element('span', { class: 'group' },
    button('Save PNG', 'Save the slices as a picture (S)', savePicture), button('Link', 'Link to this place', () => linkHere(tell)),
    fullScreenButton(), button('Keys', 'Keys (?)', showKeys)));
}
