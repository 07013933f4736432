// Slices at full resolution, which a served page loads from its server. A page opened from disk has none.

import { byId, rgba, state } from './base.js';
import { keepOutlines } from './labelStyles.js';

/** The full-resolution slices of a layer, loaded on demand and cached. */
export class FinerSlices {
  /** Creates the slices of a layer; null if the server has none for it. */
  static of(info, number, image) {
    const axes = JSON.parse(document.documentElement.dataset.slices ?? '[]')[number];
    return axes?.length ? new FinerSlices(info, number, image, axes) : null;
  }

  constructor(info, number, image, axes) {
    Object.assign(this, { number, image, axes, isColor: info.kind === 'color' });
    this.kept = new Map();
    this.wanted = [null, null, null];
    this.isAsking = [false, false, false];
  }

  /** The slice across an axis at a voxel; null until it is loaded. */
  at(axis, voxel) {
    if (!this.axes.includes(axis)) return null;
    const key = `${axis}/${voxel}`;
    const slice = this.kept.get(key);
    if (!slice) {
      // While a slice is loading, remember only the last one that was requested.
      this.wanted[axis] = voxel;
      if (!this.isAsking[axis]) this.ask(axis);
      return null;
    }
    this.kept.delete(key);
    this.kept.set(key, slice);
    return slice;
  }

  async ask(axis) {
    this.isAsking[axis] = true;
    while (this.wanted[axis] != null) {
      const voxel = this.wanted[axis];
      this.wanted[axis] = null;
      try {
        const answer = await fetch(`slice/${this.number}/${axis}/${voxel}`);
        if (!answer.ok) throw new Error((await answer.json()).error);
        this.keep(axis, voxel, await answer.arrayBuffer());
      } catch (error) {
        this.axes = this.axes.filter((other) => other !== axis);
        byId('failure').hidden = false;
        byId('failure').textContent = `Full-resolution slices can no longer be loaded, so downsampled ones are shown: ${error.message}`;
        break;
      }
    }
    this.isAsking[axis] = false;
  }

  keep(axis, voxel, bytes) {
    const [u, v] = [0, 1, 2].filter((other) => other !== axis);
    const values = this.isColor ? new Uint8Array(bytes) : new Float32Array(bytes);
    this.kept.set(`${axis}/${voxel}`, { columns: this.image[u], rows: this.image[v], values, canvas: null, look: '' });
    // Three are on the screen. More are cached if they are small.
    const most = Math.max(3, Math.floor(48e6 / bytes.byteLength));
    while (this.kept.size > most) this.kept.delete(this.kept.keys().next().value);
    state.set({ slices: state.slices + 1 });
  }

  /** The slice across an axis at a voxel as a canvas; null until it is loaded. */
  painted(layer, axis, voxel) {
    const slice = this.at(axis, voxel);
    if (!slice) return null;
    if (slice.canvas && slice.look === layer.look) return slice.canvas;
    slice.look = layer.look;
    slice.canvas ??= document.createElement('canvas');
    slice.canvas.width = slice.columns;
    slice.canvas.height = slice.rows;
    const context = slice.canvas.getContext('2d');
    const pixels = context.createImageData(slice.columns, slice.rows);
    this.paint(slice.values, layer, new Uint32Array(pixels.data.buffer));
    if (layer.isOutlined) keepOutlines(new Uint32Array(pixels.data.buffer), slice.values, slice.columns, slice.rows);
    context.putImageData(pixels, 0, 0);
    return slice.canvas;
  }

  paint(values, layer, target) {
    if (this.isColor) {
      const size = target.length;
      for (let i = 0; i < size; i += 1) target[i] = rgba(values[i], values[size + i], values[2 * size + i]);
      return;
    }
    const ramp = layer.ramp;
    if (ramp) {
      paintRamp(values, ramp, layer.gapColor, target);
      return;
    }
    // Values repeat, mostly in runs, so the last color and all known colors are remembered.
    const known = new Map();
    let [last, color] = [NaN, layer.gapColor];
    for (let i = 0; i < target.length; i += 1) {
      const value = values[i];
      if (value !== last) {
        last = value;
        color = known.get(value);
        if (color === undefined) {
          color = Number.isFinite(value) ? layer.color(value) : layer.gapColor;
          if (known.size < 65536) known.set(value, color);
        }
      }
      target[i] = color;
    }
  }

  /** The value at a voxel in a list, or its three colors; null if no loaded slice contains it. */
  valueAt(cursor) {
    for (const axis of this.axes) {
      const slice = this.kept.get(`${axis}/${cursor[axis]}`);
      if (!slice) continue;
      const [u, v] = [0, 1, 2].filter((other) => other !== axis);
      const offset = cursor[v] * slice.columns + cursor[u];
      const size = slice.columns * slice.rows;
      return this.isColor ? [0, 1, 2].map((plane) => slice.values[plane * size + offset]) : [slice.values[offset]];
    }
    return null;
  }
}

/** Colors values by their place in a window. */
function paintRamp(values, { low, range, table }, gapColor, target) {
  for (let i = 0; i < target.length; i += 1) {
    const part = (values[i] - low) / range;
    if (part > 0 && part < 1) target[i] = table[(255 * part + 0.5) | 0];
    else if (part >= 1 && part < Infinity) target[i] = table[255];
    else target[i] = part <= 0 && part > -Infinity ? table[0] : gapColor;
  }
}
