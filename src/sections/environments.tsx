/** Environments: what a job's Python is, ready or to be built. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Facts } from '../components/facts';
import { openMenu } from '../components/menu';
import { ErrorMessage } from '../components/message';
import { RowList } from '../components/rowlist';
import type { IRow, IRowAction } from '../components/rows';
import { ENVIRONMENT, may } from '../lifecycle';
import { whyNot } from '../mayact';
import { environmentState } from '../status';
import { environmentKey } from '../store';
import { CommandIDs, ISectionProps } from '../tokens';
import type { Environment } from '../wire';
import * as words from '../words';

export function shownEnvironments(
  environments: readonly Environment[]
): Environment[] {
  return environments.filter(one => !one.archived);
}

export function Environments(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const menu = (key: string, anchor: Element, event?: React.MouseEvent) => {
    const use = { text: `%%aml -e ${key}`, label: trans.__('Copy as Magic') };
    const show = {
      text: `jupyter aml environment show ${key}`,
      label: trans.__('Copy as CLI')
    };
    openMenu(
      commands,
      [
        { command: CommandIDs.openEnvironment, args: { name: key } },
        { command: CommandIDs.buildEnvironment, args: { name: key } },
        null,
        { command: CommandIDs.copyText, args: use },
        { command: CommandIDs.copyText, args: show }
      ],
      anchor,
      event
    );
  };
  return (
    <RowList<Environment>
      label={trans.__('Environments')}
      items={shownEnvironments(manager.environments)}
      idOf={environmentKey}
      nameOf={environmentKey}
      rowOf={one => ({
        ...environmentRow(one, props),
        action: actionOf(one, props, menu)
      })}
      onOpen={name => open(name, props)}
      onMenu={menu}
    />
  );
}

function open(key: string, { commands }: ISectionProps): void {
  void commands.execute(CommandIDs.openEnvironment, { name: key });
}

function actionOf(
  environment: Environment,
  props: ISectionProps,
  menu: (key: string, anchor: Element) => void
): IRowAction {
  const { manager, trans } = props;
  const { name, version, state } = environment;
  const key = environmentKey(environment);
  if (state === 'Building') {
    return {
      glyph: 'stop',
      label: trans.__('Cancel the build of %1', key),
      whyNot: whyNot(manager, trans) || undefined,
      run: () => void manager.cancelBuild(name, version)
    };
  }
  return state === 'Failed'
    ? { label: trans.__('Fix…'), run: () => open(key, props) }
    : {
        glyph: 'more',
        label: trans.__('Actions for %1', key),
        run: anchor => menu(key, anchor)
      };
}

export function environmentRow(
  environment: Environment,
  { manager, trans }: ISectionProps
): IRow {
  const key = environmentKey(environment);
  const problem = manager.problemOf(`environment/${key}`);
  const isFailed = environment.state === 'Failed';
  return {
    id: key,
    name: environment.name,
    tag: environment.version,
    state: environmentState(environment, trans),
    value: isFailed
      ? undefined
      : environment.bytes
        ? words.bytes(environment.bytes)
        : '',
    detail: problem?.message ?? detailOf(environment, trans),
    isFailed,
    details: () => (
      <>
        {problem && <ErrorMessage error={problem} trans={trans} />}
        {environment.error && (
          <ErrorMessage error={environment.error} trans={trans} />
        )}
        <EnvironmentFacts environment={environment} trans={trans} />
      </>
    )
  };
}

function detailOf(environment: Environment, trans: TranslationBundle): string {
  const { state, error, reason, usualSeconds, source } = environment;
  if (state === 'Failed') {
    return error?.message ?? reason;
  }
  const usual =
    usualSeconds === null
      ? ''
      : trans.__('usually %1', words.roughly(usualSeconds, trans));
  if (state === 'Building') {
    return [reason, usual].filter(Boolean).join(', ');
  }
  if (may(ENVIRONMENT, state, 'Building')) {
    return usual || trans.__('built with its first job');
  }
  return source === 'kernel'
    ? trans.__('the notebook’s own Python %1', environment.python)
    : trans.__('ready, Python %1', environment.python);
}

function EnvironmentFacts(props: {
  environment: Environment;
  trans: TranslationBundle;
}): JSX.Element {
  const { environment, trans } = props;
  const count = Object.keys(environment.packages).length;
  return (
    <Facts
      facts={[
        [trans.__('About'), environment.description],
        [trans.__('Python'), environment.python],
        [trans.__('Asked for'), environment.requirements.join(', ')],
        [
          trans.__('Installed'),
          count ? trans._n('%1 package', '%1 packages', count) : ''
        ],
        [trans.__('Given otherwise'), environment.warnings.join(' ')]
      ]}
    />
  );
}
