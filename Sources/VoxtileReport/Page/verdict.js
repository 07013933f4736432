// What a person wants to know first: did it work, and where should one look?

import { byId, element, inWords, page, state } from './base.js';
import { AGREE } from './compare.js';
import { largestLabels } from './labels.js';
import { unreadPatches } from './patchFiles.js';
import { patchesThatStandOut, standOutWords, worstSeam } from './seams.js';
import { mergedPatchButton, worstDifferenceButton, worstDisagreementButton, worstSeamButton } from './worst.js';

/** The share of voxels from which a disagreement of patches is worth a look. */
const NOTABLE_DISAGREEMENT = 0.05;

const line = (mark, text, ...more) => ({ mark, text, more: more.filter(Boolean) });

function lostLine({ summary }) {
  if (summary.lostVoxels === 0) {
    // Of a patch without a file the voxels are missing after all.
    return unreadPatches() ? line('note', `The grid reaches every ${inWords.element}.`)
      : line('good', `Nothing is lost: every ${inWords.element} is in a patch.`);
  }
  return line('bad', `${inWords.things(summary.lostVoxels, inWords.element)} (${inWords.percent(summary.lostVoxels, summary.imageVoxels)}) ${summary.lostVoxels === 1 ? 'is' : 'are'} lost: in no patch.`);
}

function differenceLine({ merge }) {
  const { difference } = merge;
  if (!difference) return null;
  if (difference.differing === 0) return line('good', 'The merged image is identical to the original.');
  return line('bad', `${inWords.things(difference.differing, 'value')} (${inWords.percent(difference.differing, difference.values)}) of the merged image differ from the original, by up to ${inWords.number(difference.largest)}.`,
    worstDifferenceButton());
}

function seamLine({ merge }) {
  const found = worstSeam(merge.seams);
  if (!found) return null;
  const { plane, verdict } = found;
  if (verdict === 'no') return line('good', `Patch borders are not visible${merge.seams.patches ? '' : ', by the mean over each cut plane'}.`);
  return line(verdict === 'yes' ? 'bad' : 'look', `Patch borders are ${verdict === 'yes' ? '' : 'barely '}visible, most at ${plane.axis} = ${plane.position}.`,
    worstSeamButton(plane));
}

/** One wrong patch among hundreds, which the planes do not show. */
function patchLine({ merge }, grid) {
  const words = standOutWords(merge.seams, grid);
  return words ? line('bad', words, ...patchesThatStandOut(merge.seams).slice(0, 3).map(({ index }) => mergedPatchButton(index))) : null;
}

function disagreementLine({ prediction }) {
  const { voxels, differing } = prediction.disagreement;
  const isNotable = differing > NOTABLE_DISAGREEMENT * voxels;
  return line(isNotable ? 'look' : 'good', `Overlapping patches disagree about ${inWords.percent(differing, Math.max(1, voxels))} of their ${inWords.element}s.`,
    differing > 0 ? worstDisagreementButton() : null);
}

/** How far label maps agree that are compared. */
function agreementLines() {
  return page.layers.flatMap((layer, index) => {
    if (!layer.compares) return [];
    const counts = layer.labels.map(({ voxels }) => voxels);
    const all = counts.reduce((sum, count) => sum + count, 0);
    if (all === 0) return [];
    const agree = layer.labels.find(({ value }) => value === AGREE)?.voxels ?? 0;
    const about = layer.isExact ? '' : 'about ';
    return [line('note', `${layer.compares.map((map) => page.layers[map].name).join(' and ')} agree in ${about}${inWords.percent(agree, all)} of the ${inWords.things(all, inWords.element)} that have a label in either.`,
      element('button', { type: 'button', click: () => {
        state.set({ overlays: [index] });
        byId('slices').scrollIntoView();
      } }, 'Show where'))];
  });
}

/** Writes the verdict: one line for each finding, those that need a look first. */
export function showVerdict(data, grid) {
  const lines = [lostLine(data)];
  if (data.merge) {
    const wrong = patchLine(data, grid);
    const seams = seamLine(data);
    lines.push(wrong, differenceLine(data), wrong && seams?.mark === 'good' ? null : seams, ...data.merge.remarks.map((remark) => line('look', remark)));
  }
  const unread = unreadPatches();
  if (unread) lines.push(line('bad', unread.text, ...unread.buttons));
  if (data.prediction?.disagreement) lines.push(disagreementLine(data));
  lines.push(...agreementLines());
  const labels = largestLabels();
  if (labels) lines.push(line('note', labels, element('button', { type: 'button', click: () => byId('labels').scrollIntoView() }, 'All labels')));
  const marks = ['bad', 'look', 'good', 'note'];
  const words = { note: ['i', 'Note'], bad: ['✕', 'Problem'], look: ['!', 'Worth a look'], good: ['✓', 'Good'] };
  const sorted = lines.filter(Boolean).sort((a, b) => marks.indexOf(a.mark) - marks.indexOf(b.mark));
  byId('verdict').append(...sorted.map(({ mark, text, more }) => element('li', { class: mark },
    element('span', { class: 'mark', role: 'img', 'aria-label': words[mark][1] }, words[mark][0]), element('span', {}, text), ...more)));
}
