/** An environment in the main area: what was asked for, its build's log, what it holds. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { isAbout } from '../environmentform';
import { ENVIRONMENT, may } from '../lifecycle';
import { mayAct, whyNot } from '../mayact';
import { environmentState } from '../status';
import { environmentKey } from '../store';
import type { BuildLine, Environment } from '../wire';
import { bytes, duration, roughly } from '../words';
import type { IAssetProps } from './assetview';
import { CommandLine, StateShape, TextButton } from './controls';
import { Facts } from './facts';
import { useSignal } from './hooks';
import { ErrorMessage, Message } from './message';
import { UnknownView, ViewHeader } from './viewframe';

const EVERY_MS = 1000;

export function EnvironmentView(props: IAssetProps): JSX.Element {
  const { name, version, manager, trans } = props;
  useSignal(manager.changed);
  const environment = manager.environments.find(
    one => one.name === name && one.version === version
  );
  if (environment) {
    return <Known {...props} environment={environment} />;
  }
  return (
    <UnknownView
      name={name}
      words={trans.__('There is no environment of this name.')}
      list={{ section: 'data', label: trans.__('Show environments') }}
      commands={props.commands}
      trans={trans}
    />
  );
}

type IKnownProps = IAssetProps & { environment: Environment };

function Known(props: IKnownProps): JSX.Element {
  const { environment, manager, trans } = props;
  const key = environmentKey(environment);
  const problem = manager.problemOf(`environment/${key}`);
  const lines = useBuildLog(props);
  return (
    <div className="aml aml-view">
      <Header {...props} />
      <div className="aml-note">
        {problem && (
          <ErrorMessage
            error={problem}
            trans={trans}
            onDismiss={() => manager.dismissProblem(`environment/${key}`)}
          />
        )}
        {environment.error && (
          <ErrorMessage error={environment.error} trans={trans} />
        )}
        {environment.warnings.map(warning => (
          <Message key={warning} kind="warn" title={warning} />
        ))}
      </div>
      <div className="aml-columns">
        <BuildLog lines={lines} trans={trans} />
        <div className="aml-side" tabIndex={0}>
          <Wish {...props} />
          <Installed {...props} />
        </div>
      </div>
    </div>
  );
}

function Header(props: IKnownProps): JSX.Element {
  const { environment, manager, trans } = props;
  const { name, version, state, usualSeconds } = environment;
  const { shape, word } = environmentState(environment, trans);
  const why = whyNot(manager, trans);
  const facts = [
    environment.reason,
    state === 'Building' && usualSeconds !== null
      ? trans.__('usually %1', roughly(usualSeconds, trans))
      : '',
    environment.bytes ? bytes(environment.bytes) : '',
    environment.buildSeconds !== null
      ? trans.__('built in %1', duration(environment.buildSeconds, trans))
      : ''
  ];
  return (
    <ViewHeader
      shape={shape}
      name={name}
      state={
        <>
          {version && <span>{trans.__('v%1', version)}</span>}
          <span role="status">{word}</span>
        </>
      }
      facts={facts.filter(Boolean).join(', ')}
    >
      {state === 'Building' && (
        <TextButton
          glyph="stop"
          label={trans.__('Cancel build')}
          disabled={!mayAct(manager)}
          title={why || undefined}
          onClick={() => void manager.cancelBuild(name, version)}
        />
      )}
      {may(ENVIRONMENT, state, 'Building') && (
        <TextButton
          glyph="play"
          label={trans.__('Build')}
          disabled={!mayAct(manager)}
          title={why || undefined}
          onClick={() => void manager.buildEnvironment(name, version)}
        />
      )}
    </ViewHeader>
  );
}

/** The lines of the newest build; while it runs, those that come. */
function useBuildLog(props: IKnownProps): readonly BuildLine[] {
  const { environment, manager } = props;
  const { name, version, state, buildStartedAt } = environment;
  const [lines, setLines] = React.useState<readonly BuildLine[]>([]);
  const isBuilding = state === 'Building';
  React.useEffect(() => {
    let timer = 0;
    let isOver = false;
    let read: readonly BuildLine[] = [];
    const more = async () => {
      try {
        const after = read[read.length - 1]?.seq ?? 0;
        const args = { name, version, after, wait: false };
        const fresh = await manager.lines<BuildLine>('environments.log', args);
        if (!isOver) {
          // Asked twice at once, a line is told twice.
          read = [...read, ...fresh.filter(({ seq }) => seq > after)];
          setLines(read);
        }
      } catch (reason) {
        // One that was never built has no log.
        console.debug('jupyter-aml: no log of a build', reason);
      }
      if (isBuilding && !isOver) {
        timer = window.setTimeout(() => void more(), EVERY_MS);
      }
    };
    void more();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [manager, name, version, isBuilding, buildStartedAt]);
  return lines;
}

function BuildLog(props: {
  lines: readonly BuildLine[];
  trans: TranslationBundle;
}): JSX.Element {
  const { lines, trans } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const isAtEnd = React.useRef(true);
  React.useLayoutEffect(() => {
    if (isAtEnd.current && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [lines]);
  return (
    <div
      ref={box}
      className="aml-log aml-build-log"
      role="log"
      aria-live="off"
      aria-label={trans.__('Log of the build')}
      tabIndex={0}
      onScroll={({
        currentTarget: { scrollTop, clientHeight, scrollHeight }
      }) => {
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 4;
      }}
    >
      {lines.length ? (
        lines.map(line => (
          <div key={line.seq}>
            <span>{line.text}</span>
          </div>
        ))
      ) : (
        <div>
          <span className="s">
            {trans.__('Nothing written: it was not built here yet.')}
          </span>
        </div>
      )}
    </div>
  );
}

/** What was asked for, line by line; the one that a build failed at is marked. */
function Wish({ environment, trans }: IKnownProps): JSX.Element {
  const { requirements, error } = environment;
  return (
    <div className="aml-card">
      <h3>{trans.__('Asked for')}</h3>
      <Facts
        facts={[
          [trans.__('About'), environment.description],
          [trans.__('Python'), environment.python]
        ]}
      />
      {requirements.length > 0 && (
        <ul className="aml-requirements">
          {requirements.map(line => {
            const isCause = isAbout(line, error?.target ?? '');
            return (
              <li key={line} className={isCause ? 'cause' : undefined}>
                {isCause && <StateShape shape="failed" />}
                <code>{line}</code>
                {isCause && <span className="s">{error?.message}</span>}
              </li>
            );
          })}
        </ul>
      )}
      <CommandLine
        text={`%%aml -e ${environmentKey(environment)}`}
        trans={trans}
      />
    </div>
  );
}

function Installed({ environment, trans }: IKnownProps): JSX.Element | null {
  const packages = Object.entries(environment.packages);
  return packages.length ? (
    <div className="aml-card">
      <h3>
        {trans.__('Installed')}
        <span className="grow" />
        <span className="s num">
          {trans._n('%1 package', '%1 packages', packages.length)}
        </span>
      </h3>
      <Facts facts={packages} />
    </div>
  ) : null;
}
