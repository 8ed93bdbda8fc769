/** The side panel: workspace header, what is wrong, then the sections. */
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IAmlManager, ISidebarSection } from '../tokens';
import { LinkBanner } from './banner';
import { Part } from './boundary';
import { FirstRun } from './firstrun';
import { useFirstRun } from './usefirstrun';
import { WorkspaceHeader } from './header';
import { useNow, useSignal } from './hooks';
import { SectionFrame } from './section';

/** The sections, and which of them are open; kept between visits. */
export interface ISections {
  readonly list: readonly ISidebarSection[];
  readonly changed: ISignal<unknown, void>;
  isOpen(section: ISidebarSection): boolean;
  setOpen(id: string, isOpen: boolean): void;
}

export interface IPanelProps {
  manager: IAmlManager;
  sections: ISections;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function Panel(props: IPanelProps): JSX.Element {
  const { manager, sections, commands, trans } = props;
  useSignal(manager.changed);
  useSignal(sections.changed);
  const firstRun = useFirstRun(manager);
  const isQuiet = !manager.isReady && manager.link.kind === 'connecting';
  const shown = sections.list.filter(one => one.isVisible?.(manager) ?? true);
  return (
    <div className="aml aml-panel">
      <WorkspaceHeader {...{ manager, commands, trans }} />
      <LinkBanner {...{ manager, commands, trans }} />
      <div className="aml-body">
        {isQuiet && <Reading trans={trans} />}
        {firstRun && (
          <FirstRun {...{ manager, commands, trans }} run={firstRun} />
        )}
        {manager.isReady &&
          shown.map(section => {
            const isOpen = sections.isOpen(section);
            return (
              <SectionFrame
                key={section.id}
                id={section.id}
                title={section.title}
                count={section.count?.(manager, trans)}
                tools={section.tools ?? []}
                commands={commands}
                isOpen={isOpen}
                onToggle={() => sections.setOpen(section.id, !isOpen)}
              >
                <Part name={section.title} trans={trans}>
                  <section.Body {...{ manager, commands, trans }} />
                </Part>
              </SectionFrame>
            );
          })}
      </div>
      <LiveRegion manager={manager} />
    </div>
  );
}

/** Nothing for a moment; then words with the time it takes. */
function Reading(props: { trans: TranslationBundle }): JSX.Element | null {
  const [since] = React.useState(() => Date.now());
  const seconds = Math.floor((useNow(true) - since) / 1000);
  return seconds < 1 ? null : (
    <p className="aml-empty s" role="status">
      {props.trans.__('Reading the workspace, %1 s', seconds)}
    </p>
  );
}

/** Every change that is worth a word, said once. */
function LiveRegion(props: { manager: IAmlManager }): JSX.Element {
  const { announced } = props.manager;
  const [text, setText] = React.useState('');
  React.useLayoutEffect(() => {
    const slot = (_: unknown, sentence: string) => setText(sentence);
    announced.connect(slot);
    return () => {
      announced.disconnect(slot);
    };
  }, [announced]);
  return (
    <div className="aml-said" role="status">
      {text}
    </div>
  );
}
