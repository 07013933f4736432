// The buttons of each page for its colors and for printing.

import { byId } from './base.js';

export function themeButton() {
  const names = ['auto', 'light', 'dark'];
  const button = byId('theme');
  let at = 0;
  button.addEventListener('click', () => {
    at = (at + 1) % names.length;
    if (at) document.documentElement.dataset.theme = names[at]; else delete document.documentElement.dataset.theme;
    button.textContent = ['Auto', 'Light', 'Dark'][at];
    button.setAttribute('aria-label', `Colors: ${['system', 'light', 'dark'][at]}`);
  });
  byId('print').addEventListener('click', () => window.print());
}
