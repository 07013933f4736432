// Bar charts as tables, and the color of a row.

import { element, largestOf } from './base.js';

/** A bar chart as a table, so that screen readers can read it. */
export function barTable(caption, heads, rows) {
  const most = largestOf(rows.map((row) => row.size), 1e-300);
  return element('div', { class: 'scroll' }, element('table', {}, element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head, i) => element('th', i ? { class: 'n' } : {}, head)), element('th', { 'aria-hidden': 'true' }))),
    element('tbody', {}, ...rows.map((row) => {
      const bar = element('span', { class: row.size > 0 ? 'bar' : 'bar none' });
      bar.style.width = `${Math.max(0.5, 100 * row.size / most)}%`;
      bar.style.background = row.color ?? 'var(--accent)';
      return element('tr', {},
        ...row.cells.map((cell, i) => (i === 0
          ? element('th', { scope: 'row' }, row.color ? swatch(row.color) : null, cell) : element('td', { class: 'n' }, cell))),
        element('td', { style: 'width:38%', 'aria-hidden': 'true' }, bar));
    }))));
}

export function swatch(color) {
  const made = element('span', { class: 'swatch' });
  made.style.background = color;
  return made;
}
