// Why patches were chosen: words and colors.

import { element, inWords } from './base.js';

const REASONS = new Map([
  ['cover', { title: 'cover', color: '#f59e0b' }],
  ['component', { title: 'lesion drawn', color: '#c084fc' }],
  ['label', { title: 'label drawn', color: '#22d3ee' }],
  ['foreground', { title: 'foreground drawn', color: '#34d399' }],
  ['hard', { title: 'hard place', color: '#fb7185' }],
  ['negative', { title: 'background only', color: '#a3b1c6' }],
  ['anywhere', { title: 'anywhere', color: '#60a5fa' }],
]);

export const reasonColor = (kind) => REASONS.get(kind)?.color ?? '#ffffff';

export const reasonTitle = (kind) => REASONS.get(kind)?.title ?? kind;

/** The reasons of a set, in a fixed order. */
export const reasonsOf = (data) => [...REASONS.keys()].filter((kind) => data.reasons[kind] > 0)
  .concat(Object.keys(data.reasons).filter((kind) => !REASONS.has(kind)));

/** Rules that patches may not keep, in words. */
const RULES = new Map([
  ['overlap', 'share more with another patch than allowed'], ['margin', 'have less margin around a lesion than asked for'], ['tissue', 'have less tissue than asked for'],
  ['foreground', 'have less foreground than asked for'], ['negative', 'hold foreground, though background only was asked for'],
  ['reason', 'do not hold what was drawn'],
]);

export const ruleWords = (rule) => RULES.get(rule) ?? rule;

/** What components are called: lesions where they had to be covered. */
export const thing = (data) => (data.cover ? 'lesion' : 'component');

/** Whether a component had to be covered and is not. */
export const isMissed = (component, data) => data.cover != null && component.coverage === 'uncovered' && !component.isTooSmall;

export const labelWords = (data, value) => data.labels.find((label) => label.value === value)?.name ?? inWords.label(value);

/** Why a patch was chosen. */
export function reasonWords(patch, data) {
  if (patch.kind === 'cover') return `covers ${thing(data)} ${patch.component}`;
  if (patch.kind === 'component') return `holds ${thing(data)} ${patch.component}`;
  if (patch.kind === 'label') return patch.label === 0 ? 'holds drawn background' : `holds ${labelWords(data, patch.label)}`;
  return reasonTitle(patch.kind);
}

/** A colored square. */
export function mark(kind) {
  const made = element('i', { 'aria-hidden': 'true' });
  made.style.background = reasonColor(kind);
  return made;
}

/** How much of a patch is not background. */
export function foregroundWords(patch, data) {
  const whole = data.patch[0] * data.patch[1] * data.patch[2];
  return patch.foreground === 0 ? 'no foreground' : `${inWords.percent(patch.foreground, whole)} foreground`;
}
