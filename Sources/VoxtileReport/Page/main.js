// Starts the page.

import { byId, inWords, page, state } from './base.js';
import { comparisons } from './compare.js';
import { makeControls } from './controls.js';
import { Grid } from './grid.js';
import { listenToKeys } from './keys.js';
import { showLabels } from './labels.js';
import { Layer } from './layers.js';
import { layOut } from './layout.js';
import { followAddress, viewOfHash } from './link.js';
import { showNumbers } from './numbers.js';
import { firstOverlays } from './overlays.js';
import { PatchFiles } from './patchFiles.js';
import { readout } from './readout.js';
import { showResults } from './results.js';
import { Sheet } from './sheet.js';
import { SliceView } from './slices.js';
import { Space } from './space.js';
import { SpaceControls } from './steps.js';
import { themeButton } from './theme.js';
import { makeToolbar } from './toolbar.js';
import { showVerdict } from './verdict.js';
import { keepInSight } from './viewport.js';
import { showWords } from './words.js';
import { disagreementLayer } from './worst.js';

globalThis.voxtile = page;

function chosenWords() {
  if (state.chosen == null) return 'No patch is selected. Step through the patches in order, or click one.';
  const patch = page.grid.patch(state.chosen);
  return `Patch ${patch.index} of ${inWords.count(page.grid.count)} (counted from 0): ${page.grid.regionInWords(patch.region)}${patch.file ? `, ${patch.file}` : ''}`;
}

/** Starts with the largest difference, unless most values differ: then the overlay would hide the image. */
function showDifference(difference) {
  if (!difference?.position || difference.differing > difference.values / 2) return;
  state.overlays = [page.layers.findIndex((layer) => layer.kind === 'difference')];
  state.cursor = difference.position;
}

async function showPage() {
  themeButton();
  unfoldForPrint();
  const data = JSON.parse(byId('data').textContent);
  if (data.summary.isPlanar) inWords.element = 'pixel';
  const grid = new Grid(data);
  page.data = data;
  page.grid = grid;
  page.layers = await Promise.all(data.layers.map((info, index) => Layer.load(info, index, data.summary.extent)));
  state.cursor = grid.extent.map((size) => size >> 1);
  state.overlays = firstOverlays(disagreementLayer());
  if (!state.overlays.length) showDifference(data.merge?.difference);
  page.firstOverlays = state.overlays;
  page.patchFiles = await PatchFiles.load(data);
  attempt('comparison of labels', () => page.layers.push(...comparisons()));
  Object.assign(state, viewOfHash(location.hash, grid, page.layers));
  showWords(data, grid);
  const layouts = [2, 1, 0].map((axis) => layOut(axis, data.place.orientation, state.isRadiological));
  page.views = layouts.slice(0, grid.isFlat ? 1 : 3).map((layout) => new SliceView(grid, layout));
  byId('views').append(...page.views.map((view) => view.figure));
  makeControls();
  makeToolbar();
  listenToKeys();
  followAddress();
  page.space = new Space(grid, data.place.orientation);
  page.controls = new SpaceControls(page.space);
  attempt('numbers', () => showNumbers(data, grid));
  attempt('labels', () => showLabels(data));
  attempt('verdict', () => showVerdict(data, grid));
  attempt('results', () => showResults(data, grid));
  attempt('contact sheet', () => { page.sheet = new Sheet(grid, layouts[0]); });
  const drawViews = () => page.views.forEach((view) => view.draw());
  state.watch(['isRadiological'], () => {
    for (const view of page.views) view.turn(layOut(view.axis, data.place.orientation, state.isRadiological));
    page.sheet?.arrange(layOut(2, data.place.orientation, state.isRadiological));
  });
  state.watch(['cursor'], keepInSight);
  state.watch(['cursor', 'chosen', 'base', 'overlays', 'overlayStyles', 'window', 'colors', 'showsGrid', 'showsCoverage', 'showsCross', 'slices',
    'zoom', 'center', 'single', 'ruler', 'isRadiological', 'labelStyles', 'revealed'], drawViews);
  state.watch(['cursor', 'chosen', 'base', 'overlays', 'slices'], () => {
    byId('readout').replaceChildren(...readout());
    // Waits until the cursor rests, so that a screen reader is not interrupted all the time.
    clearTimeout(page.speech);
    page.speech = setTimeout(() => { byId('spoken').textContent = byId('readout').innerText; }, 500);
  });
  state.watch(['chosen'], () => { byId('space-readout').textContent = chosenWords(); });
  state.watch(['view', 'cursor', 'chosen', 'base', 'overlays', 'overlayStyles', 'window', 'colors', 'labelStyles'], (changed) => {
    // In 3D the cursor only moves the slices, which are redrawn when it rests; so they are when the window does.
    const isCursorOnly = changed.size === 1 && changed.has('cursor');
    if (isCursorOnly && page.space.apart > 0) return;
    clearTimeout(page.spaceTimer);
    if ([...changed].every((key) => key === 'cursor' || key === 'window')) {
      page.spaceTimer = setTimeout(() => page.space.draw(), 80);
      return;
    }
    page.space.draw();
  });
  const drawAll = () => { drawViews(); page.space.draw(); page.showWindow(); page.sheet?.drawSoon(); };
  new ResizeObserver(drawAll).observe(byId('main'));
  byId('readout').replaceChildren(...readout());
  byId('space-readout').textContent = chosenWords();
  drawAll();
  page.readyTime = performance.now();
  document.documentElement.dataset.ready = 'true';
}

/** Opens what is folded while the page is printed. */
function unfoldForPrint() {
  let folded = [];
  window.addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const fold of folded) fold.open = true;
  });
  window.addEventListener('afterprint', () => { for (const fold of folded) fold.open = false; });
}

/** Creates an optional part of the page. If that fails, the rest is still shown. */
function attempt(part, make) {
  try { make(); } catch (error) { fail(`The ${part} of this page cannot be shown`, error); }
}

function fail(what, error) {
  byId('failure').hidden = false;
  byId('failure').textContent = `${what}: ${error.message}. The page needs a browser from 2024 or later.`;
  console.error(error);
}

showPage().catch((error) => fail('The page cannot be drawn', error));
