// Color maps for images: from a part of the window, 0 to 1, to red, green and blue.

/** Stops of each map, evenly spaced; colors between them are interpolated. */
const STOPS = {
  gray: [[0, 0, 0], [255, 255, 255]],
  'gray, inverted': [[255, 255, 255], [0, 0, 0]],
  hot: [[0, 0, 0], [85, 0, 0], [170, 0, 0], [255, 0, 0], [255, 85, 0], [255, 170, 0], [255, 255, 0], [255, 255, 128], [255, 255, 255]],
  viridis: [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]],
  'blue to red': [[59, 76, 192], [124, 159, 249], [192, 212, 245], [221, 221, 221], [245, 196, 173], [239, 138, 108], [180, 4, 38]],
};

export const COLOR_MAPS = Object.keys(STOPS);

/** The color of a part, 0 to 1, of the window. */
export function mapColor(name, part) {
  const stops = STOPS[name] ?? STOPS.gray;
  const at = Math.min(1, Math.max(0, part)) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  return stops[low].map((value, i) => Math.round(value + (stops[low + 1][i] - value) * (at - low)));
}
