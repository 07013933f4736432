// The page that is shown while images are read: it asks how far that is, and opens the report when it is there.

import { byId } from './base.js';

function drawPicture(progress, bytes) {
  const canvas = byId('picture');
  const { width, height } = progress.picture;
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let at = 0; at < bytes.length; at++) pixels.data.set([bytes[at], bytes[at], bytes[at], 255], 4 * at);
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  byId('figure').hidden = false;
}

function describe(progress) {
  const { fraction, picture } = progress;
  if (fraction < 1) byId('bar').value = fraction;
  else byId('bar').removeAttribute('value');
  byId('done').textContent = fraction < 1 ? `${Math.floor(100 * fraction)} % read` : 'drawing the page';
  if (picture) byId('caption').textContent = `${picture.plane ? `${picture.plane} slice` : 'slice'} ${picture.slice} of ${picture.count}, as it was read`;
}

function fail(message) {
  byId('failure').textContent = message;
  byId('failure').hidden = false;
  byId('waiting').hidden = true;
}

/** Shows how far it is; returns the slice that is shown, or nothing where there is nothing more to ask. */
async function show(seen) {
  const progress = await (await fetch('progress')).json();
  if (progress.failure) { fail(progress.failure); return undefined; }
  if (progress.isReady) { location.reload(); return undefined; }
  describe(progress);
  if (!progress.picture || progress.picture.slice === seen) return seen;
  const answer = await fetch('picture');
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length === progress.picture.width * progress.picture.height) drawPicture(progress, bytes);
  return progress.picture.slice;
}

async function look(seen) {
  let slice;
  try {
    slice = await show(seen);
  } catch {
    // The program may end between any two answers.
    fail('The program has ended; its messages are in the terminal where it was started.');
    return;
  }
  if (slice !== undefined) setTimeout(look, 150, slice);
}

look(null);
