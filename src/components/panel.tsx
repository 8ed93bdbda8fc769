/** The side panel: workspace header, what is wrong, then the sections. */
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { CommandIDs, IAmlManager, ISidebarSection } from '../tokens';
import { ago } from '../words';
import { LinkBanner } from './banner';
import { IconButton } from './controls';
import { FirstRun, isFirstRun } from './firstrun';
import { useNow, useSignal } from './hooks';
import { SectionFrame } from './section';

/** The sections, and which of them are closed; kept between visits. */
export interface ISections {
  readonly list: readonly ISidebarSection[];
  readonly closed: ReadonlySet<string>;
  readonly changed: ISignal<unknown, void>;
  toggle(id: string): void;
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
  const { link } = manager;
  const isQuiet = !manager.isReady && link.kind === 'connecting';
  return (
    <div className="aml aml-panel">
      <WorkspaceHeader {...{ manager, commands, trans }} />
      <LinkBanner
        link={link}
        trans={trans}
        onRetry={() => manager.reconnect()}
      />
      <div className="aml-body">
        {isQuiet && <Reading trans={trans} />}
        {link.kind === 'online' && isFirstRun(manager) && (
          <FirstRun manager={manager} trans={trans} />
        )}
        {manager.isReady &&
          sections.list.map(section => (
            <SectionFrame
              key={section.id}
              id={section.id}
              title={section.title}
              count={section.count?.(manager)}
              tools={section.tools ?? []}
              commands={commands}
              isOpen={!sections.closed.has(section.id)}
              onToggle={() => sections.toggle(section.id)}
            >
              <section.Body {...{ manager, commands, trans }} />
            </SectionFrame>
          ))}
      </div>
      <LiveRegion manager={manager} />
    </div>
  );
}

function WorkspaceHeader(props: {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): JSX.Element {
  const { manager, commands, trans } = props;
  const { workspace, link, heardAt } = manager;
  const isStale = link.kind !== 'online' && heardAt > 0;
  const now = useNow(isStale);
  const title =
    workspace && workspace.kind !== 'local'
      ? `${workspace.name}, Azure ML`
      : trans.__('Local: this machine');
  const line = isStale
    ? trans.__('last seen %1', ago((now - heardAt) / 1000, trans))
    : workspace?.description ||
      [workspace?.location, workspace?.user].filter(Boolean).join(', ');
  return (
    <header className="aml-ws">
      <div className="fx4">
        <select aria-label={trans.__('Workspace')}>
          <option>{title}</option>
        </select>
        <IconButton
          glyph="plus"
          label={commands.label(CommandIDs.createCompute)}
          disabled={!commands.isEnabled(CommandIDs.createCompute)}
          onClick={() => void commands.execute(CommandIDs.createCompute)}
        />
      </div>
      {line && <div className="s">{line}</div>}
    </header>
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
  React.useEffect(() => {
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
