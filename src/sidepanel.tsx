import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import { IPanelProps, Panel } from './components/panel';
import { amlIcon } from './icons';

/** Where the panel meets JupyterLab's shell. */
export class SidePanel extends ReactWidget {
  constructor(props: IPanelProps) {
    super();
    this._props = props;
    this.id = 'jupyter-aml-panel';
    this.title.icon = amlIcon;
    this.title.caption = props.trans.__('Azure ML');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', props.trans.__('Azure ML'));
  }

  render(): JSX.Element {
    return <Panel {...this._props} />;
  }

  /** The one thing to do next has the focus; else the panel's first control. */
  protected onActivateRequest(_: Message): void {
    const find = (selector: string) =>
      this.node.querySelector<HTMLElement>(selector);
    const next =
      find('.btn.accept:enabled') ?? find('.aml-h .t') ?? find('select');
    next?.focus();
  }

  private _props: IPanelProps;
}
