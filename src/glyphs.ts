/**
 * Every glyph of the extension, on a grid of 16: the inside of an svg element.
 *
 * State shapes sit in a disc or a ring; actions are bare glyphs, so that the two never look alike.
 */
export const GLYPHS = {
  running:
    '<path fill-rule="evenodd" d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM6.3 4.6v6.8L11.6 8z"/>',
  queued:
    '<path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8zM7.2 4.6v4l2.9 1.8.8-1.3-2.1-1.3V4.6z"/>',
  preparing:
    '<path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.6v9.8a4.9 4.9 0 0 1 0-9.8z"/>',
  done: '<path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm-1 9.7L3.9 8.1 5 7l2 2 4-4 1.1 1.1z"/>',
  failed:
    '<path d="M5.3 1.5 1.5 5.3v5.4l3.8 3.8h5.4l3.8-3.8V5.3l-3.8-3.8zm.7 3.3 2 2 2-2L11.2 6l-2 2 2 2-1.2 1.2-2-2-2 2L4.8 10l2-2-2-2z"/>',
  warn: '<path d="M8 1.5.8 14.3h14.4zm-.8 4.6h1.6v4H7.2zm0 5h1.6v1.6H7.2z"/>',
  stopped:
    '<path fill-rule="evenodd" d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8z"/><path d="M5.8 5.8h4.4v4.4H5.8z"/>',
  idle: '<path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8z"/>',
  attached:
    '<path d="M6.9 4.2 9 2.1a3.5 3.5 0 0 1 5 5l-2.2 2.1-1.1-1.1L12.8 6a1.9 1.9 0 0 0-2.7-2.7L8 5.3zm2.2 7.6L7 13.9a3.5 3.5 0 0 1-5-5l2.2-2.1 1.1 1.1L3.2 10a1.9 1.9 0 0 0 2.7 2.7L8 10.7zM5.2 9.7l4.5-4.5 1.1 1.1-4.5 4.5z"/>',
  stale:
    '<circle cx="8" cy="8" r="5.7" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.98 2.99"/><path d="M7 7h2v2H7z"/>',
  pause:
    '<path fill-rule="evenodd" d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8z"/><path d="M5.7 5.5h1.7v5H5.7zm2.9 0h1.7v5H8.6z"/>',
  stop: '<path d="M4 4h8v8H4z"/>',
  play: '<path d="M4.5 3v10l8.5-5z"/>',
  plus: '<path d="M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z"/>',
  close:
    '<path d="m4.3 3.2 3.7 3.7 3.7-3.7 1.1 1.1L9.1 8l3.7 3.7-1.1 1.1L8 9.1l-3.7 3.7-1.1-1.1L6.9 8 3.2 4.3z"/>',
  more: '<path d="M2.5 6.8h2.4v2.4H2.5zm4.3 0h2.4v2.4H6.8zm4.3 0h2.4v2.4h-2.4z"/>',
  down: '<path d="M3.5 5.5 8 10l4.5-4.5z"/>',
  right: '<path d="M5.5 3.5 10 8l-4.5 4.5z"/>',
  refresh:
    '<path d="M8 2.5a5.5 5.5 0 0 1 3.9 1.6L13.5 2.5v4.7H8.8l2-2A3.9 3.9 0 1 0 11.7 9h1.6A5.5 5.5 0 1 1 8 2.5z"/>',
  copy: '<path d="M2 1.5h8v1.5H3.5V12H2zM5 4.5h9v10H5zm1.5 1.5v7h6V6z"/>',
  open: '<path d="M2 3h5v1.5H3.5v8h8V9H13v5H2zm7-1h5v5h-1.5V4.6L7.6 9.5 6.5 8.4l4.9-4.9H9z"/>',
  download:
    '<path d="M7.2 2h1.6v5.7l2-2 1.1 1.1L8 10.7 4.1 6.8l1.1-1.1 2 2zM3 12.4h10V14H3z"/>',
  lock: '<path d="M8 1.5a3.2 3.2 0 0 1 3.2 3.2V6.5H12.5v8h-9v-8h1.3V4.7A3.2 3.2 0 0 1 8 1.5zm0 1.6a1.6 1.6 0 0 0-1.6 1.6v1.8h3.2V4.7A1.6 1.6 0 0 0 8 3.1z"/>',
  undo: '<path d="M6 2v3h3.5a4.2 4.2 0 0 1 0 8.5H4v-1.6h5.5a2.6 2.6 0 0 0 0-5.3H6v3L2 5.8z"/>',
  aml: '<path d="M1.5 2h13v4.5h-13zM3 3.5V5h1.5V3.5zM1.5 8H8v4.5H1.5zM3 9.5V11h1.5V9.5zM9.5 7.7v7l5.8-3.5z"/>',
  archive:
    '<path d="M1.5 2.5h13V6h-13zM2.5 7h11v6.5h-11zm3.5 1.500v1.500h4V8.500z"/>',
  trash: '<path d="M6 1.5h4l.6 1H13V4H3V2.5h2.4zM4 5h8v9.5H4z"/>'
} as const;

export type Glyph = keyof typeof GLYPHS;
