// The slices as one picture, to save.

import { byId, page, state } from './base.js';

/** Draws the slices that are on the screen side by side. */
export function slicesAsPicture() {
  const shown = page.views.filter((view) => !view.figure.hidden).map((view) => view.canvas);
  const gap = 8;
  const canvas = document.createElement('canvas');
  canvas.width = shown.reduce((sum, { width }) => sum + width, gap * (shown.length - 1));
  canvas.height = Math.max(...shown.map(({ height }) => height));
  const context = canvas.getContext('2d');
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  let x = 0;
  for (const slice of shown) {
    context.drawImage(slice, x, (canvas.height - slice.height) / 2);
    x += slice.width + gap;
  }
  return canvas;
}

/** Saves the slices under a name that says where they are. */
export function savePicture() {
  const place = state.cursor.slice(0, page.grid.isFlat ? 2 : 3).join('-');
  const title = byId('title').textContent.replace(/(\.nii)?(\.\w+)?$/u, '').replaceAll(/[^\w.-]+/gu, '_');
  const name = `${title || 'slices'}-${place}.png`;
  slicesAsPicture().toBlob((blob) => {
    const address = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }, 'image/png');
}
