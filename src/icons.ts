import { LabIcon } from '@jupyterlab/ui-components';
import { GLYPHS, Glyph } from './glyphs';

/** A glyph as JupyterLab's icon; both themes recolour it. */
function icon(name: string, glyph: Glyph): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161">${GLYPHS[glyph]}</g></svg>`;
  return new LabIcon({ name: `jupyter-aml:${name}`, svgstr });
}

export const amlIcon = icon('aml', 'aml');
export const startIcon = icon('start', 'play');
export const stopIcon = icon('stop', 'stop');
export const restartIcon = icon('restart', 'refresh');
export const deleteIcon = icon('delete', 'trash');
export const createIcon = icon('create', 'plus');
export const archiveIcon = icon('archive', 'archive');
export const editIcon = icon('edit', 'edit');
export const searchIcon = icon('search', 'search');
export const openIcon = icon('open', 'open');
export const copyIcon = icon('copy', 'copy');
