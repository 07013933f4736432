// Starts the page of many cases: the verdict, what was not done, and the list that is searched and sorted.

import { byId, element, inWords } from './base.js';
import { barScales, caseRow, duration, failureWords, isDone, labelName, reasonWords, shareWords } from './cases.js';
import { themeButton } from './theme.js';

/** How many rows are made at a time; the next ones when the end of the list comes near. */
const ROWS_AT_ONCE = 40;

const cohort = { data: null, scales: null, shown: [], made: 0, observer: null, readyTime: 0 };
globalThis.voxtile = cohort;

const median = (values) => {
  const sorted = values.filter((value) => value != null).sort((one, other) => one - other);
  return sorted.length ? sorted[sorted.length >> 1] : null;
};

/** The counts that everything on the page speaks of. */
function countCases(data) {
  const done = data.rows.filter(isDone);
  return {
    all: data.rows.length, done: done.length, odd: done.filter((row) => row.reasons.length),
    failed: data.rows.filter((row) => row.status === 'failed'),
    unfinished: data.rows.filter((row) => row.status === 'unfinished'),
    isComparable: data.labels.length > 0 || done.some((row) => row.disagreement != null),
    isCompared: data.disagreementSpread != null || data.labels.some((label) => label.spread != null),
  };
}

function doneWords({ all, done, failed, unfinished }) {
  if (done === all) return all === 1 ? 'The scan is done.' : `All ${inWords.count(all)} scans are done.`;
  const rest = [failed.length ? `${inWords.count(failed.length)} failed` : '', unfinished.length ? `${inWords.count(unfinished.length)} ${unfinished.length === 1 ? 'was' : 'were'} not finished` : ''];
  return `${inWords.count(done)} of ${inWords.things(all, 'scan')} ${done === 1 ? 'is' : 'are'} done; ${rest.filter(Boolean).join(' and ')}.`;
}

function glance(data, counts) {
  const { odd } = counts;
  const parts = [doneWords(counts)];
  if (counts.isCompared && odd.length) {
    const [worst] = odd;
    parts.push(odd.length === 1 ? ' One stands out, ' : ` ${inWords.count(odd.length)} stand out, most of all `,
      element('a', { href: '#scans', click: showWorst }, worst.name), `: ${reasonWords(worst.reasons[0], worst, data)}.`);
  } else if (counts.isCompared) {
    parts.push(' None stands out by volume or disagreement.');
  } else if (counts.isComparable && counts.done < data.fewestCases) {
    parts.push(` Fewer than ${data.fewestCases} scans are not compared with each other; those with most disagreement come first.`);
  }
  byId('glance').replaceChildren(...parts);
}

function cards(data, counts) {
  const done = data.rows.filter(isDone);
  const card = (title, value, note, isBad = false) =>
    element('div', isBad ? { class: 'bad' } : {}, element('dt', {}, title), element('dd', {}, value, element('small', {}, note)));
  const before = done.filter((row) => row.status === 'skipped').length;
  const made = [card('Done', inWords.count(counts.done), `of ${inWords.things(counts.all, 'scan')}${before ? `; ${inWords.count(before)} before` : ''}`)];
  if (counts.isCompared) made.push(card('Stand out', inWords.count(counts.odd.length), 'by volume or disagreement', counts.odd.length > 0));
  const [failed, stopped] = [counts.failed.length, counts.unfinished.length];
  if (failed + stopped) {
    const words = [failed ? `${inWords.count(failed)} failed` : '', stopped ? `${inWords.count(stopped)} not finished` : ''];
    made.push(card('Not done', inWords.count(failed + stopped), words.filter(Boolean).join(', '), true));
  }
  const disagreement = median(done.map((row) => row.disagreement));
  if (disagreement != null) made.push(card('Disagreement', shareWords(disagreement), 'median of the scans'));
  const confidence = median(done.map((row) => row.confidence));
  if (confidence != null) made.push(card('Confidence', inWords.percent(confidence, 1), 'median of the scans'));
  const seconds = done.reduce((sum, row) => sum + (row.seconds ?? 0), 0);
  if (seconds > 0) made.push(card('Time', duration(seconds), `${duration(median(done.map((row) => row.seconds)))} for a typical scan`));
  byId('cards').append(...made);
}

/** Each error once, with the scans that have it. */
function failures({ failed, unfinished }) {
  const groups = new Map();
  for (const row of [...failed, ...unfinished]) {
    const words = failureWords(row);
    groups.set(words, [...(groups.get(words) ?? []), row.name]);
  }
  byId('failures').hidden = groups.size === 0;
  byId('failures-title').textContent = `Not done: ${inWords.things(failed.length + unfinished.length, 'scan')}`;
  byId('failure-list').append(...[...groups].map(([words, names]) => element('p', {},
    element('b', {}, names.slice(0, 4).join(', ')), names.length > 4 ? ` and ${inWords.count(names.length - 4)} more` : '', ': ',
    element('span', {}, words))));
}

/** What most scans have a warning of is said once, and not in each row. */
function warnings(data, { done }) {
  const scans = new Map();
  for (const row of data.rows) for (const warning of new Set(row.warnings)) scans.set(warning, (scans.get(warning) ?? 0) + 1);
  const common = [...scans].filter(([, count]) => count >= 3 && count > done / 2);
  data.commonWarnings = new Set(common.map(([warning]) => warning));
  byId('warnings').append(...common.map(([warning, count]) => element('p', { class: 'alarm' },
    element('b', {}, `Warning in ${count === done ? 'all' : inWords.count(count)} scans: `), warning)));
}

/** The orders of the list: a name, the value that is compared, and whether large values come first. */
function orders(data) {
  const made = [['worst first', null, true], ['name', (row) => row.name, false], ['status', (row) => ['failed', 'unfinished', 'done', 'skipped'].indexOf(row.status), false]];
  const has = (key) => data.rows.some((row) => row[key] != null);
  if (has('disagreement')) made.push(['disagreement', (row) => row.disagreement, true]);
  if (has('confidence')) made.push(['confidence', (row) => row.confidence, false]);
  if (has('seconds')) made.push(['seconds', (row) => row.seconds, true]);
  data.labels.forEach((label, index) => made.push([`volume of ${labelName(label)}`, (row) => row.volumes[index], true]));
  return made;
}

const collator = new Intl.Collator('en', { numeric: true });

function inOrder(rows, value, isDescending) {
  // The data comes with the worst case first.
  if (!value) return isDescending ? rows : rows.toReversed();
  const sign = isDescending ? -1 : 1;
  return rows.map((row) => ({ row, value: value(row) })).sort((one, other) => {
    // What has no value comes last in either direction.
    if (one.value == null || other.value == null) return (one.value == null) - (other.value == null);
    return sign * (typeof one.value === 'string' ? collator.compare(one.value, other.value) : one.value - other.value);
  }).map(({ row }) => row);
}

/** Whether all words of a search are in what is said of a case. */
function matches(row, words) {
  row.text ??= [row.name, row.message ?? '', ...row.warnings, ...row.reasons.map((reason) => reasonWords(reason, row, cohort.data))].join(' ').toLowerCase();
  return words.every((word) => row.text.includes(word));
}

const FILTERS = [
  ['all scans', () => true], ['that stand out', (row) => row.reasons.length > 0],
  ['with warnings', (row) => row.warnings.length > 0], ['not done', (row) => !isDone(row)], ['done', isDone],
];

function makeRows(count) {
  const next = cohort.shown.slice(cohort.made, cohort.made + count);
  cohort.made += next.length;
  byId('list').append(...next.map((row) => caseRow(row, cohort.data, cohort.scales)));
  // Asked again, since the end may still be near.
  cohort.observer.unobserve(byId('end'));
  if (cohort.made < cohort.shown.length) cohort.observer.observe(byId('end'));
}

function showList() {
  const words = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const [, value] = cohort.orders[byId('sort').selectedIndex];
  const [, isKept] = cohort.filters[byId('filter').selectedIndex];
  const kept = cohort.data.rows.filter((row) => isKept(row) && matches(row, words));
  cohort.shown = inOrder(kept, value, cohort.isDescending);
  cohort.made = 0;
  byId('list').replaceChildren();
  makeRows(ROWS_AT_ONCE);
  byId('direction').textContent = cohort.isDescending ? '↓' : '↑';
  byId('count').textContent = kept.length === cohort.data.rows.length ? inWords.things(kept.length, 'scan')
    : kept.length === 0 ? 'no scan is like that' : `${inWords.count(kept.length)} of ${inWords.things(cohort.data.rows.length, 'scan')}`;
}

function showWorst() {
  byId('search').value = '';
  byId('sort').selectedIndex = 0;
  byId('filter').selectedIndex = 0;
  cohort.isDescending = true;
  showList();
}

function makeFinder(data) {
  cohort.orders = orders(data);
  cohort.filters = FILTERS.filter(([, isKept], index) => index === 0 || data.rows.some(isKept));
  cohort.isDescending = true;
  const fill = (id, names) => byId(id).append(...names.map(([name]) => element('option', {}, name)));
  fill('sort', cohort.orders);
  fill('filter', cohort.filters);
  byId('search').addEventListener('input', showList);
  byId('filter').addEventListener('change', showList);
  byId('sort').addEventListener('change', () => {
    [, , cohort.isDescending] = cohort.orders[byId('sort').selectedIndex];
    showList();
  });
  byId('direction').addEventListener('click', () => { cohort.isDescending = !cohort.isDescending; showList(); });
  cohort.observer = new IntersectionObserver((ends) => {
    if (ends.at(-1).isIntersecting) makeRows(ROWS_AT_ONCE);
  }, { rootMargin: '1500px' });
  // Paper has all rows.
  window.addEventListener('beforeprint', () => makeRows(Infinity));
}

function notes(data, counts) {
  const words = [];
  if (data.labels.length) words.push('The line in each bar is the median of all scans.');
  if (data.labelsLeftOut) words.push(`${inWords.things(data.labelsLeftOut, 'smaller label')} are in summary.csv only.`);
  if (data.picturesLeftOut) words.push(`${inWords.things(data.picturesLeftOut, 'picture')} ${data.picturesLeftOut === 1 ? 'is' : 'are'} left out, to keep the page small.`);
  byId('scans-note').textContent = words.join(' ');
  const { origin } = data;
  byId('subtitle').textContent = [`Voxtile ${origin.version}`, origin.date?.replace('T', ' ').replace('Z', ' UTC')].filter(Boolean).join(' · ');
  if (counts.isCompared) {
    byId('foot').append(element('p', {}, `A scan stands out where its disagreement, or the volume of a label, is more than ${data.threshold} × the usual spread away from `
      + 'the median of all scans. The usual spread is 1.4826 times the median distance from the median. That is unusual, and need not be wrong.'));
  }
  byId('foot').append('The same numbers are in summary.csv and summary.json. This page works offline.');
  if (origin.command) byId('foot').append(element('code', { class: 'command' }, origin.command));
}

function showPage() {
  themeButton();
  const data = JSON.parse(byId('data').textContent);
  Object.assign(cohort, { data, scales: barScales(data) });
  const counts = countCases(data);
  makeFinder(data);
  glance(data, counts);
  cards(data, counts);
  failures(counts);
  warnings(data, counts);
  notes(data, counts);
  showList();
  cohort.readyTime = performance.now();
  document.documentElement.dataset.ready = 'true';
}

try { showPage(); } catch (error) {
  byId('failure').hidden = false;
  byId('failure').textContent = `The page cannot be drawn: ${error.message}. The page needs a browser from 2024 or later.`;
  console.error(error);
}
