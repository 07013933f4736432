// The controls of the overlays: for each file which channel is shown, how strongly, and from which value on.

import { element, inWords, page, state } from './base.js';
import { restyle, showOverlay } from './overlays.js';

/** The overlays by their files: a list of the channels of each, as numbers of layers. */
function files() {
  const found = [];
  page.layers.forEach(({ role, channel }, index) => {
    if (role !== 'overlay') return;
    const last = found.at(-1);
    if (channel && last && page.layers[last[0]].channel?.file === channel.file) last.push(index);
    else found.push([index]);
  });
  return found;
}

/** The controls of one overlay. */
class OverlayRow {
  constructor(channels) {
    this.channels = channels;
    this.layers = channels.map((index) => page.layers[index]);
    [this.layer] = this.layers;
    this.chosen = channels.find((index) => state.overlays.includes(index)) ?? channels[0];
    const name = this.layer.channel?.file ?? this.layer.name;
    this.box = element('input', { type: 'checkbox', 'aria-label': `Show ${name}`, change: () => showOverlay(this.chosen, this.box.checked, this.box.checked ? this.layer.compares : []) });
    this.opacity = element('input', { type: 'range', min: 0, max: 100, 'aria-label': `Opacity of ${name}`, input: () => restyle(this.layers, { opacity: this.opacity.value / 100 }) });
    this.row = element('div', { class: 'overlay' }, element('label', { class: 'file' }, this.box, name),
      channels.length > 1 ? this.channelChoice(name) : null, this.opacity,
      this.layer.styles ? this.outlineChoice(name) : null, this.layer.kind === 'intensity' ? this.heatKey(name) : null,
      this.layer.kind === 'difference' ? element('span', { class: 'key' }, this.differenceWords()) : null);
    this.show();
  }

  channelChoice(name) {
    this.choice = element('select', { 'aria-label': `Channel of ${name}`, change: () => {
      this.chosen = this.channels[this.choice.selectedIndex];
      showOverlay(this.chosen, true, this.channels);
    } }, ...this.layers.map(({ channel }) => element('option', {}, channel.name)));
    return this.choice;
  }

  outlineChoice(name) {
    this.outlines = element('input', { type: 'checkbox', 'aria-label': `Outlines of ${name}`, change: () => restyle(this.layers, { hasOutlines: this.outlines.checked }) });
    return element('label', {}, this.outlines, 'Outlines');
  }

  /** A bar with the colors of values, and from which value on they are shown. */
  heatKey(name) {
    const ends = [Math.min(...this.layers.map(({ window }) => window[0])), Math.max(...this.layers.map(({ window }) => window[1]))];
    const [low, high] = ends;
    for (const layer of this.layers) layer.window = ends;
    this.threshold = element('input', { type: 'range', min: 0, max: 100, value: 0, 'aria-label': `Least value shown of ${name}`, input: () => {
      const part = this.threshold.value / 100;
      restyle(this.layers, { threshold: part === 0 ? -Infinity : low + (high - low) * part });
    } });
    this.least = element('output', {});
    const bar = element('div', { class: 'heat' });
    this.hidden = element('span', {});
    bar.append(this.hidden);
    return element('div', { class: 'heat-key' }, element('span', {}, inWords.number(low, 3)), element('div', { class: 'bars' }, bar, this.threshold),
      element('span', {}, inWords.number(high, 3)), this.least);
  }

  differenceWords() {
    const [, most] = this.layer.window;
    return most > 0 ? `yellow: small, red: up to ${inWords.number(most)}` : 'no differences';
  }

  /** Follows the state. */
  show() {
    this.chosen = this.channels.find((index) => state.overlays.includes(index)) ?? this.chosen;
    this.box.checked = state.overlays.includes(this.chosen);
    this.row.classList.toggle('off', !this.box.checked);
    this.opacity.value = 100 * this.layer.opacity;
    if (this.choice) this.choice.selectedIndex = this.channels.indexOf(this.chosen);
    if (this.outlines) this.outlines.checked = this.layer.hasOutlines;
    if (!this.threshold) return;
    const { threshold } = this.layer;
    this.hidden.style.width = `${this.threshold.value}%`;
    this.least.textContent = Number.isFinite(threshold) ? `from ${inWords.number(threshold, 3)}` : 'all values';
  }
}

/** The controls of all overlays; null if there are none. */
export function overlayControls() {
  const rows = files().map((channels) => new OverlayRow(channels));
  if (!rows.length) return null;
  state.watch(['overlays', 'overlayStyles'], () => rows.forEach((row) => row.show()));
  return element('fieldset', { class: 'overlays' }, element('legend', {}, rows.length > 1 ? 'Overlays' : 'Overlay'), ...rows.map(({ row }) => row));
}
