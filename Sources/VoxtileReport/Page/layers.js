// The pictures of the page, which turn bytes into colors.

import { byId, inWords, page, rgba, state } from './base.js';
import { mapColor } from './colormaps.js';
import { FinerSlices } from './finer.js';
import { LabelStyles, keepOutlines } from './labelStyles.js';

/** A picture of an image. In a served page, `finer` has its slices at full resolution. */
export class Layer {
  constructor(info, bytes, image, finer) {
    Object.assign(this, info);
    this.finer = finer;
    this.bytes = bytes;
    this.image = image;
    this.isColor = info.kind === 'color';
    this.useLabels();
    this.hasGaps = !this.isColor && bytes.includes(0);
    this.planes = new Map();
    this.paintedWith = '';
    /** How it is drawn over an image. */
    Object.assign(this, { opacity: 0.55, hasOutlines: false, threshold: -Infinity });
    /** Whether its values are unlike those of the image, whose window it does not take. */
    this.hasOwnWindow = false;
  }

  /** Takes the names and colors of its labels, if it has labels. */
  useLabels() { if (this.kind === 'labels') this.styles = new LabelStyles(this.labels, this.levels); }

  /** Loads a picture from its script element. */
  static async load(info, index, image) {
    const text = byId(`layer-${index}`).textContent;
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return new Layer(info, bytes, image, FinerSlices.of(info, index, image));
  }

  /** Converts an image coordinate to a picture coordinate along an axis. */
  at(axis, voxel) {
    const [count, length] = [this.extent[axis], this.image[axis]];
    return Math.min(count - 1, Math.max(0, Math.floor(((voxel + 1) * count - 1) / length)));
  }

  /** The bytes of a slice across an axis: one array, or three for color. The lower of the other axes runs fastest. */
  plane(axis, index) {
    const [width, height, depth] = this.extent;
    const [u, v] = [0, 1, 2].filter((other) => other !== axis);
    const steps = [1, width, width * height];
    const [columns, rows] = [this.extent[u], this.extent[v]];
    const size = width * height * depth;
    const planes = [];
    for (let start = 0; start < this.bytes.length; start += size) {
      const first = start + index * steps[axis];
      if (axis === 2) {
        planes.push(this.bytes.subarray(first, first + columns * rows));
        continue;
      }
      const plane = new Uint8Array(columns * rows);
      for (let row = 0, to = 0; row < rows; row += 1) {
        let from = first + row * steps[v];
        for (let column = 0; column < columns; column += 1, from += steps[u]) plane[to++] = this.bytes[from];
      }
      planes.push(plane);
    }
    return { columns, rows, planes };
  }

  /** Whether the picture of a box has one value throughout; of a label map, that of no label. */
  isEmpty(region) {
    const [x, y, z] = region.map(([from, to], axis) => [this.at(axis, Math.max(0, from)), this.at(axis, Math.min(this.image[axis], to) - 1)]);
    const [width, height, depth] = this.extent;
    const size = width * height * depth;
    for (let start = 0; start < this.bytes.length; start += size) {
      const first = this.bytes[start + (z[0] * height + y[0]) * width + x[0]];
      if (this.kind === 'labels' && this.levels[first - 1] !== 0) return false;
      for (let k = z[0]; k <= z[1]; k += 1) {
        for (let j = y[0]; j <= y[1]; j += 1) {
          const row = start + (k * height + j) * width;
          for (let i = x[0]; i <= x[1]; i += 1) if (this.bytes[row + i] !== first) return false;
        }
      }
    }
    return true;
  }

  /** The value at a voxel, in words. */
  valueAt(cursor) {
    const value = this.finer?.valueAt(cursor);
    if (value != null) return this.isColor ? `rgb ${value.join(', ')}` : this.inWords(value[0], true);
    const [x, y, z] = cursor.map((voxel, axis) => this.at(axis, voxel));
    const [width, height, depth] = this.extent;
    const offset = (z * height + y) * width + x;
    if (this.isColor) {
      const size = width * height * depth;
      return `rgb ${[0, 1, 2].map((plane) => this.bytes[plane * size + offset]).join(', ')}`;
    }
    const byte = this.bytes[offset];
    return this.inWords(byte === 0 ? NaN : this.levels[byte - 1], this.isExact);
  }

  inWords(value, isExact) {
    if (!Number.isFinite(value)) return this.kind === 'difference' ? 'n/a' : 'not finite';
    if (this.says) return this.says(value);
    return (isExact ? '' : '≈ ') + (this.styles ? this.styles.inWords(value) : inWords.number(value));
  }

  /** The color of NaN and infinity. */
  get gapColor() { return this.kind === 'difference' || this.role === 'overlay' ? 0 : rgba(74, 38, 96); }

  /** A key that changes whenever the colors of the layer change. */
  get look() {
    if (this.styles) return `${this.styles.version} ${this.isOutlined}`;
    return this.role === 'base' ? `${this.shownWindow} ${state.colors}` : `${this.threshold}`;
  }

  /** The values of black and white. */
  get shownWindow() { return this.role === 'base' && !this.hasOwnWindow ? state.window ?? this.window : this.window; }

  /** Whether only the outlines of labels are drawn. */
  get isOutlined() { return this.styles != null && this.role === 'overlay' && this.hasOutlines; }

  /** The color of a level, as the 32-bit number that a canvas stores. */
  color(level) {
    if (this.styles) {
      const isNothing = level === 0 || this.styles.isHidden(level);
      return isNothing ? (this.role === 'base' ? rgba(0, 0, 0) : 0) : rgba(...this.styles.color(level));
    }
    const [low, high] = this.shownWindow;
    const part = high > low ? Math.min(1, Math.max(0, (level - low) / (high - low))) : level > low ? 1 : 0.5;
    if (this.kind === 'difference') {
      return level > 0 ? rgba(255, Math.round(220 * (1 - part)), Math.round(60 * (1 - part)), 110 + Math.round(145 * part)) : 0;
    }
    if (this.role === 'base') return rgba(...mapColor(state.colors, part));
    if (level < this.threshold) return 0;
    const gray = Math.round(255 * part);
    return rgba(255, gray, Math.round(gray / 4), gray);
  }

  /** The window of an image, and the colors of 256 parts of it; null where values get their colors in another way. */
  get ramp() {
    const [low, high] = this.shownWindow;
    if (this.kind !== 'intensity' || this.role !== 'base' || this.styles || !(high > low)) return null;
    if (this.rampLook !== this.look) {
      this.rampLook = this.look;
      this.rampTable = Uint32Array.from({ length: 256 }, (_, at) => rgba(...mapColor(state.colors, at / 255)));
    }
    return { low, range: high - low, table: this.rampTable };
  }

  /** A table with the color of each byte. */
  colors() {
    const table = new Uint32Array(256);
    table[0] = this.gapColor;
    this.levels.forEach((level, index) => { table[index + 1] = this.color(level); });
    return table;
  }

  /**
   * The best slice across an axis at a voxel that is available now. If the full-resolution slice still has to be loaded,
   * `state.slices` changes when it arrives.
   */
  finest(axis, voxel) {
    return this.finer?.painted(this, axis, voxel) ?? this.painted(axis, voxel);
  }

  /**
   * The slice across an axis at a voxel of the image as a canvas, cached until the colors change.
   * With `isGlass`, dark pixels are transparent.
   */
  painted(axis, voxel, isGlass = false) {
    if (this.look !== this.paintedWith) { this.planes.clear(); this.paintedWith = this.look; this.table = null; }
    const index = this.at(axis, voxel);
    const key = (isGlass ? 3 + axis : axis) * 1e6 + index;
    let canvas = this.planes.get(key);
    if (canvas) return canvas;
    const { columns, rows, planes } = this.plane(axis, index);
    canvas = document.createElement('canvas');
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext('2d');
    const pixels = context.createImageData(columns, rows);
    const target = new Uint32Array(pixels.data.buffer);
    if (this.isColor) {
      const [red, green, blue] = planes;
      for (let i = 0; i < target.length; i += 1) target[i] = (0xff000000 | (blue[i] << 16) | (green[i] << 8) | red[i]) >>> 0;
    } else {
      this.table ??= this.colors();
      const [plane] = planes;
      for (let i = 0; i < target.length; i += 1) target[i] = this.table[plane[i]];
      if (this.isOutlined) keepOutlines(target, plane, columns, rows);
    }
    if (isGlass) {
      const { data } = pixels;
      for (let i = 0; i < data.length; i += 4) {
        const isGap = this.hasGaps && planes[0][i >> 2] === 0;
        data[i + 3] = isGap ? 0 : Math.min(data[i + 3], 3 * Math.max(data[i], data[i + 1], data[i + 2]));
      }
    }
    context.putImageData(pixels, 0, 0);
    // A hundred slices take only a few MB, and the 3D view needs the same ones in every frame.
    if (this.planes.size > 160) this.planes.delete(this.planes.keys().next().value);
    this.planes.set(key, canvas);
    return canvas;
  }
}

/** The layer that the overlays lie on. */
export const shownBase = () => page.layers[state.base];
