// Starts the page of training patches.

import { byId, element, inWords } from './base.js';
import { showBalance } from './balance.js';
import { Contacts } from './contacts.js';
import { showLesions } from './lesions.js';
import { PatchMap } from './patchMap.js';
import { mark, reasonTitle, reasonsOf, ruleWords, thing } from './reasons.js';
import { themeButton } from './theme.js';

const samples = { data: null, map: null, contacts: null, readyTime: 0 };
globalThis.voxtile = samples;

function verdictItem(kind, words) {
  return element('li', { class: kind }, element('span', { class: 'mark', 'aria-hidden': 'true' }, { good: '✓', look: '!', bad: '✕' }[kind]), element('span', {}, words));
}

/** What is to be said first: whether each lesion is seen, and which rules are not kept. */
function verdict(data) {
  const name = thing(data);
  const items = [];
  const tiled = data.times.find(({ times }) => times === 0)?.tiled ?? 0;
  const whole = data.times.reduce((sum, { times, components }) => sum + (times > 0 ? components : 0), 0);
  if (data.cover && data.componentCount > 0) {
    const seen = `${inWords.count(whole)} of ${inWords.things(data.componentCount, name)} ${whole === 1 ? 'lies' : 'lie'} whole in a patch${tiled ? `, ${inWords.count(tiled)} piece by piece in several` : ''}`;
    if (data.uncoveredCount > 0) items.push(verdictItem('bad', `${inWords.things(data.uncoveredCount, name)} ${data.uncoveredCount === 1 ? 'has' : 'have'} voxels in no patch. ${seen}.`));
    else items.push(verdictItem('good', `Every ${name} that had to be covered is seen: ${seen}.`));
    if (data.tooSmallCount > 0) items.push(verdictItem('look', `${inWords.things(data.tooSmallCount, name)} of fewer than ${inWords.things(data.cover.minLesion, 'voxel')} did not have to be covered and ${data.tooSmallCount === 1 ? 'has' : 'have'} voxels in no patch.`));
  }
  if (data.findingCount > 0) items.push(verdictItem('bad', `Not as the list says: ${inWords.things(data.findingCount, 'fault')}: ${data.findings.join('; ')}${data.findingCount > data.findings.length ? ' and so on' : ''}.`));
  else if (data.hasFiles) items.push(verdictItem('good', 'Verified: each file is as it was written, of the right size, in the right place, with as many voxels of each label as the list says.'));
  const rules = Object.entries(data.relaxed).map(([rule, count]) => `${inWords.count(count)} ${ruleWords(rule)}`);
  if (rules.length) items.push(verdictItem('look', `Of the ${inWords.things(data.patchCount, 'patch')}, ${rules.join(', ')}, since no other was found.`));
  else items.push(verdictItem('good', data.reasons.cover ? 'All patches keep the rules they were chosen by; those of the cover may have any share of foreground and tissue.' : 'All patches keep the rules they were chosen by.'));
  const absent = data.labels.filter((label) => label.scanVoxels > 0 && label.patchVoxels === 0);
  if (absent.length) items.push(verdictItem('bad', `In no patch: ${absent.map((label) => label.name ?? inWords.label(label.value)).join(', ')}.`));
  byId('verdict').append(...items);
}

function cards(data) {
  const card = (title, value, note, isBad = false) =>
    element('div', isBad ? { class: 'bad' } : {}, element('dt', {}, title), element('dd', {}, value, element('small', {}, note)));
  const foreground = (key) => {
    const [all, background] = [data.labels.reduce((sum, label) => sum + label[key], 0), data.labels.find(({ value }) => value === 0)?.[key] ?? 0];
    return all ? (all - background) / all : 0;
  };
  const made = [
    card('Patches', inWords.count(data.patchCount), `${inWords.size(data.patch, data.patch[2] === 1)} voxels${data.hasFiles ? '' : ', a list without files'}`),
    card('Scans', inWords.count(data.scanCount), data.trainingCount < data.scanCount ? `${inWords.count(data.trainingCount)} for training, ${inWords.count(data.scanCount - data.trainingCount)} for validation` : 'all for training'),
  ];
  if (data.componentCount) made.push(card(data.cover ? 'Lesions' : 'Components', inWords.count(data.componentCount),
    data.uncoveredCount + data.tooSmallCount ? `${inWords.count(data.uncoveredCount + data.tooSmallCount)} not covered` : 'all covered', data.cover != null && data.uncoveredCount > 0));
  made.push(card('Foreground', inWords.percent(foreground('patchVoxels'), 1), `of the patches; ${inWords.percent(foreground('scanVoxels'), 1)} of the scans`));
  made.push(card('Seed', String(data.seed), 'the same seed gives the same patches'));
  byId('cards').append(...made);
}

function makeChooser(data, choose) {
  const list = byId('scan');
  list.append(...data.scans.map((scan) => {
    const lost = scan.uncovered > 0 && data.cover ? `, ${inWords.count(scan.uncovered)} not covered` : '';
    return element('option', {}, `${scan.name} (${inWords.things(scan.patches, 'patch')}${lost}${scan.isForTraining ? '' : ', validation'})`);
  }));
  list.addEventListener('change', () => choose(list.selectedIndex));
  const step = (by) => () => choose((list.selectedIndex + by + data.scans.length) % data.scans.length);
  byId('before').addEventListener('click', step(-1));
  byId('after').addEventListener('click', step(1));
  for (const name of ['before', 'after']) byId(name).hidden = data.scans.length < 2;
  byId('reasons').append(...reasonsOf(data).map((kind) => {
    const chip = element('button', { type: 'button', class: 'chip', 'aria-pressed': 'true', click: () => {
      chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
      samples.map.toggle(kind);
    } }, mark(kind), `${reasonTitle(kind)} ${inWords.count(data.reasons[kind])}`);
    return chip;
  }));
}

function notes(data) {
  const { origin } = data;
  byId('subtitle').textContent = [`Voxtile ${origin.version}`, origin.date?.replace('T', ' ').replace('Z', ' UTC')].filter(Boolean).join(' · ');
  byId('warnings').append(...data.remarks.map((remark) => element('p', { class: 'alarm' }, remark)));
  byId('space-note').textContent = 'The mean of the scan along each axis, with all patches over it; dashed ones do not keep a rule.';
  byId('foot').append(element('p', {}, `Plan: ${data.plan}; seed ${data.seed}; layout ${data.layout}.`), 'The same numbers are in voxtile-samples.json. This page works offline.');
  if (origin.command) byId('foot').append(element('code', { class: 'command' }, origin.command));
}

function showPage() {
  themeButton();
  const data = JSON.parse(byId('data').textContent);
  samples.data = data;
  verdict(data);
  cards(data);
  notes(data);
  const show = (scan, marked = {}) => {
    byId('scan').selectedIndex = scan;
    samples.map.show(scan, marked);
    samples.contacts.mark(marked.patch ?? null, scan);
  };
  samples.map = new PatchMap(data, byId('views'), byId('readout'), (patch) => {
    show(samples.map.scan, { patch });
    if (patch) samples.contacts.reveal(patch);
  });
  samples.contacts = new Contacts(data, (patch) => {
    show(patch.scan, { patch });
    byId('space').scrollIntoView({ block: 'start' });
  });
  makeChooser(data, (scan) => show(scan));
  showLesions(data, (component, row) => {
    document.querySelector('tr.chosen')?.classList.remove('chosen');
    row.classList.add('chosen');
    show(component.scan, { component });
    byId('space').scrollIntoView({ block: 'start' });
  });
  showBalance(data);
  if (data.scans.length) show(0);
  samples.readyTime = performance.now();
  document.documentElement.dataset.ready = 'true';
}

try { showPage(); } catch (error) {
  byId('failure').hidden = false;
  byId('failure').textContent = `The page cannot be drawn: ${error.message}. The page needs a browser from 2024 or later.`;
  console.error(error);
}
