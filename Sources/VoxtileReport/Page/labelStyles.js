// How the labels of a label map are named, colored and hidden.

import { inWords } from './base.js';

/** A color for the n-th label: distant hues in three lightness levels. */
export function labelColor(index) {
  const hue = (index * 137.508) % 360;
  const light = [0.58, 0.46, 0.7][index % 3];
  const strong = 0.62 * Math.min(light, 1 - light);
  return [0, 8, 4].map((shift) => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (light - strong * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}

export class LabelStyles {
  /** Takes what the data say of the labels; without labels, the levels of the picture. */
  constructor(labels, levels) {
    const values = (labels?.map(({ value }) => value) ?? levels).toSorted((a, b) => a - b);
    this.ranks = new Map(values.map((value, index) => [value, index]));
    this.names = new Map();
    this.colors = new Map();
    for (const { value, name, color } of labels ?? []) {
      if (name) this.names.set(value, name);
      if (color) this.colors.set(value, color);
    }
    this.hidden = new Set();
    this.only = null;
    /** Grows whenever the look of a label changes. */
    this.version = 0;
  }

  /** Takes names of labels that have none. */
  addNames(names) { for (const { label, name } of names ?? []) if (!this.names.has(label)) this.names.set(label, name); }

  /** Red, green and blue of a label. */
  color(value) { return this.colors.get(value) ?? labelColor(this.ranks.get(value) ?? Math.abs(Math.trunc(value))); }

  isHidden(value) { return this.only == null ? this.hidden.has(value) : value !== this.only; }

  /** A label in words: its number and its name. */
  inWords(value) {
    const name = this.names.get(value);
    return name ? `${inWords.label(value)}: ${name}` : inWords.label(value);
  }

  recolor(value, color) { this.colors.set(value, color); this.version += 1; }

  show(values, isShown) {
    // What was shown alone stays, and the others stay hidden.
    if (this.only != null) this.hidden = new Set([...this.ranks.keys()].filter((value) => value !== this.only));
    this.only = null;
    for (const value of values) if (isShown) this.hidden.delete(value); else this.hidden.add(value);
    this.version += 1;
  }

  /** Shows only one label, or all that were shown before. */
  solo(value) { this.only = this.only === value ? null : value; this.version += 1; }
}

/** Makes the pixels transparent that have the same value as their four neighbors, so that outlines are left. */
export function keepOutlines(target, values, columns, rows) {
  for (let row = 1, i = columns + 1; row < rows - 1; row += 1, i += 2) {
    for (let column = 1; column < columns - 1; column += 1, i += 1) {
      const value = values[i];
      if (value === values[i - 1] && value === values[i + 1] && value === values[i - columns] && value === values[i + columns]) target[i] = 0;
    }
  }
}
