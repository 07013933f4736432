// Pictures of patches, with the outlines of their labels.

import { byId, element, inWords } from './base.js';
import { foregroundWords, mark, reasonTitle, reasonWords, reasonsOf } from './reasons.js';

/** The pictures of a set; `choose` is called with a patch that is clicked. */
export class Contacts {
  constructor(data, choose) {
    Object.assign(this, { data, choose, scan: 0, buttons: new Map() });
    this.pictured = data.patches.filter((patch) => patch.picture);
    byId('patches').hidden = this.pictured.length === 0;
    this.kinds = reasonsOf(data).filter((kind) => this.pictured.some((patch) => patch.kind === kind));
    byId('reason').append(...['all reasons', ...this.kinds.map(reasonTitle)].map((name) => element('option', {}, name)));
    byId('reason').addEventListener('change', () => this.show());
    byId('own').addEventListener('change', () => this.show());
    const all = data.patchCount;
    byId('patches-note').textContent = `A slice of ${this.pictured.length < all ? `${inWords.count(this.pictured.length)} of the ${inWords.things(all, 'patch')}, spread evenly over the list` : 'each patch'}`
      + ', through the voxel for which it was chosen or its middle. Lines are the borders of labels.';
    this.show();
  }

  show() {
    const kind = this.kinds[byId('reason').selectedIndex - 1];
    const shown = this.pictured.filter((patch) => (!kind || patch.kind === kind) && (!byId('own').checked || patch.scan === this.scan));
    this.buttons.clear();
    byId('contacts').replaceChildren(...shown.map((patch) => this.item(patch)));
    byId('count').textContent = shown.length === this.pictured.length ? inWords.things(shown.length, 'picture')
      : shown.length === 0 ? 'no picture is like that' : `${inWords.count(shown.length)} of ${inWords.things(this.pictured.length, 'picture')}`;
  }

  item(patch) {
    const name = `patch ${patch.number} of ${this.data.scans[patch.scan].name}`;
    const words = reasonWords(patch, this.data);
    const button = element('button', { type: 'button', 'aria-pressed': 'false', title: 'Show where it lies', click: () => this.choose(patch) },
      element('img', { alt: `A slice of ${name}, which ${words}`, decoding: 'async', src: `data:image/png;base64,${patch.picture}` }));
    this.buttons.set(patch, button);
    return element('li', {}, button, element('p', {}, element('span', { class: 'chip-mark' }, mark(patch.kind)), ` ${words}`),
      element('p', { class: 'soft' }, `${name} · ${foregroundWords(patch, this.data)}`));
  }

  /** Marks a patch; null for none. */
  mark(patch, scan) {
    this.scan = scan;
    if (byId('own').checked) this.show();
    for (const [other, button] of this.buttons) button.setAttribute('aria-pressed', String(other === patch));
  }

  reveal(patch) { this.buttons.get(patch)?.scrollIntoView({ block: 'nearest' }); }
}
