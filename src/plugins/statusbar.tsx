import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar, TextItem } from '@jupyterlab/statusbar';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { GlyphIcon } from '../components/controls';
import { useSignal } from '../components/hooks';
import { spentWords } from '../money';
import { runningNow } from '../sections/running';
import { IAmlManager, ISidebar } from '../tokens';
import { rate } from '../words';

/** What runs and what it lists at, always in sight. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:status-bar',
  description: 'Says in the status bar what runs on compute.',
  autoStart: true,
  requires: [IAmlManager, ISidebar],
  optional: [IStatusBar, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    manager: IAmlManager,
    sidebar: ISidebar,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const item = ReactWidget.create(
      <RunningItem manager={manager} trans={trans} onClick={sidebar.open} />
    );
    item.addClass('jp-mod-highlighted');
    statusBar.registerStatusItem('jupyter-aml:running', {
      item,
      align: 'left',
      rank: 90
    });
  }
};

export function RunningItem(props: {
  manager: IAmlManager;
  trans: TranslationBundle;
  onClick(): void;
}): JSX.Element | null {
  const { manager, trans, onClick } = props;
  useSignal(manager.changed);
  if (!manager.isReady) {
    return null;
  }
  return (
    <button
      type="button"
      className="aml-status-item"
      title={trans.__('Azure ML: show what runs')}
      onClick={onClick}
    >
      <GlyphIcon glyph="aml" size={14} />
      <TextItem source={runningWords(manager, trans)} />
    </button>
  );
}

function runningWords(manager: IAmlManager, trans: TranslationBundle): string {
  if (manager.link.kind !== 'online') {
    return trans.__('Not known');
  }
  const { count, perHour } = runningNow(manager);
  if (!count) {
    return trans.__('Nothing running');
  }
  const words = trans._n('%1 running', '%1 running', count);
  if (!perHour) {
    return words;
  }
  const costs = manager.costs;
  const price = rate(perHour, trans);
  return costs?.budgetPerDay
    ? trans.__('%1, %2, %3', words, price, spentWords(costs, trans))
    : costs?.rehearsal
      ? trans.__('%1, %2 would be', words, price)
      : trans.__('%1, %2', words, price);
}
