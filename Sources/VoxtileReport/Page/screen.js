// Full screen: the slices alone on the whole screen.

import { byId, element } from './base.js';

/** Says something in the line below the toolbar, and to a screen reader. */
export function tell(words) { byId('told').textContent = words; }

/** Shows the slices on the whole screen, or no longer. */
export function toggleFullScreen() {
  const stage = byId('stage');
  const done = document.fullscreenElement === stage ? document.exitFullscreen() : stage.requestFullscreen?.();
  done?.catch((error) => tell(`The browser does not allow it: ${error.message}`));
}

/** The button for it; null where the browser has no full screen. */
export function fullScreenButton() {
  if (!document.fullscreenEnabled) return null;
  const button = element('button', { type: 'button', title: 'Full screen (F)', 'aria-pressed': 'false', click: toggleFullScreen }, 'Full screen');
  document.addEventListener('fullscreenchange', () => {
    button.setAttribute('aria-pressed', String(document.fullscreenElement != null));
  });
  return button;
}
