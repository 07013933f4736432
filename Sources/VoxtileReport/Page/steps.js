// The controls of the 3D view: step through the patches, play them in order, and pull them apart.

import { byId, choosePatch, element, inWords, state } from './base.js';
import { Space } from './space.js';

/** The buttons and sliders below the 3D view. */
export class SpaceControls {
  constructor(space) {
    this.space = space;
    this.timer = null;
    const button = (label, text, click) => element('button', { type: 'button', 'aria-label': label, click }, text);
    this.play = button('Step through the patches', '▶ Play', () => this.toggle());
    const slider = element('input', {
      type: 'range', min: 0, max: 100, value: 100 * space.apart, id: 'apart', input: () => { space.apart = slider.value / 100; state.set({ view: 1 }); },
    });
    const pictures = element('input', {
      type: 'checkbox', checked: true, change: () => { space.showsPictures = pictures.checked; state.set({ view: 1 }); },
    });
    this.build = element('input', { type: 'checkbox', id: 'build', change: () => this.follow() });
    byId('space-controls').append(
      element('span', { class: 'row' }, button('Previous patch', '◀', () => this.step(-1)), this.play,
        button('Next patch', '▶', () => this.step(1)), button('Clear the selection', 'None', () => { this.stop(); choosePatch(null); })),
      element('label', {}, 'Pull apart', slider),
      element('label', { title: 'Shows the image on the faces of the patches' }, pictures, 'Image on the faces'),
      element('label', { title: 'Shows the patches, and in the slices the overlays, only up to the selected one' }, this.build, 'Add patches in order'));
    if (space.grid.count > Space.maxBoxes) byId('space-title').append(` (1 in ${inWords.count(Math.ceil(space.grid.count / Space.maxBoxes))} shown)`);
    state.watch(['chosen'], () => this.follow());
  }

  follow() {
    const isBuilding = this.build.checked && state.chosen != null;
    this.space.shown = isBuilding ? state.chosen + 1 : this.space.grid.count;
    this.space.isStepping = state.chosen != null;
    state.set({ view: 1, revealed: isBuilding ? state.chosen : null });
  }

  step(by) {
    const { count } = this.space.grid;
    const next = state.chosen == null ? (by > 0 ? 0 : count - 1) : (state.chosen + by + count) % count;
    choosePatch(next);
  }

  toggle() {
    if (this.timer) { this.stop(); return; }
    this.play.textContent = '❚❚ Pause';
    this.play.setAttribute('aria-pressed', 'true');
    // The patches reveal what was found, one after the other.
    this.build.checked = true;
    this.step(1);
    this.timer = setInterval(() => this.step(1), this.space.grid.count > 60 ? 250 : 700);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = '▶ Play';
    this.play.setAttribute('aria-pressed', 'false');
  }
}
