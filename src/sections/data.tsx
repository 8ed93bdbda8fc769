/** Data & environments: what jobs read, and what their Python is. Closed until it is opened. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Facts } from '../components/facts';
import { LinkButton, TextButton } from '../components/controls';
import { useNow } from '../components/hooks';
import { openMenu } from '../components/menu';
import { RowList } from '../components/rowlist';
import type { IRow } from '../components/rows';
import { mayAct, whyNot } from '../mayact';
import { assetKey } from '../store';
import { CommandIDs, ISectionProps, ISidebarSection } from '../tokens';
import { dataTwins, twinEntries } from '../twins';
import type { Data } from '../wire';
import { ago, bytes, secondsBetween } from '../words';
import { Environments, shownEnvironments } from './environments';

export function dataSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'data',
    title: trans.__('Data & environments'),
    rank: 500,
    isClosed: true,
    count: (manager, bundle) =>
      bundle.__(
        '%1 data, %2 env.',
        manager.data.length,
        shownEnvironments(manager.environments).length
      ),
    Body: DataAndEnvironments
  };
}

function DataAndEnvironments(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  return (
    <>
      {manager.data.length > 0 ? (
        <DataList {...props} />
      ) : (
        <div className="aml-empty aml-tight">
          <p className="s">
            {trans.__(
              'Name a file or folder for jobs to read: %1',
              '%aml data create --name NAME --path PATH'
            )}
          </p>
        </div>
      )}
      <Environments {...props} />
      <div className="aml-empty aml-tight">
        <TextButton
          glyph="plus"
          label={trans.__('New environment…')}
          disabled={!mayAct(manager)}
          title={whyNot(manager, trans) || undefined}
          onClick={() => void commands.execute(CommandIDs.createEnvironment)}
        />
      </div>
    </>
  );
}

function DataList(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const now = useNow(false);
  const open = (key: string) =>
    void commands.execute(CommandIDs.openData, { name: key });
  const menu = (key: string, anchor: Element, event?: React.MouseEvent) =>
    openMenu(
      commands,
      [
        { command: CommandIDs.openData, args: { name: key } },
        null,
        {
          command: CommandIDs.copyText,
          args: { text: `azureml:${key}`, label: trans.__('Copy Name') }
        },
        ...twinEntries(dataTwins(key), trans)
      ],
      anchor,
      event
    );
  return (
    <RowList<Data>
      label={trans.__('Data')}
      items={manager.data}
      idOf={assetKey}
      nameOf={assetKey}
      rowOf={one => ({
        ...dataRow(one, props, now),
        action: {
          glyph: 'more',
          label: trans.__('Actions for %1', one.name),
          run: anchor => menu(assetKey(one), anchor)
        }
      })}
      onOpen={open}
      onMenu={menu}
    />
  );
}

export function dataRow(
  data: Data,
  { manager, commands, trans }: ISectionProps,
  now: number
): IRow {
  const maker = data.createdByJob;
  const nameOf = (job: string) => manager.jobNamed(job)?.displayName || job;
  return {
    id: assetKey(data),
    name: data.name,
    tag: trans.__('v%1', data.version),
    state: { shape: 'box', word: trans.__('Registered') },
    value: data.bytes ? bytes(data.bytes) : '',
    detail: [
      ago(secondsBetween(data.createdAt, now), trans),
      data.files > 1
        ? trans._n('%1 file', '%1 files', data.files)
        : data.type.replace('uri_', '')
    ].join(', '),
    details: () => (
      <Facts
        facts={[
          [trans.__('About'), data.description],
          [trans.__('Type'), data.type],
          [trans.__('Path'), data.path],
          [
            trans.__('Made by'),
            maker ? (
              <LinkButton
                label={nameOf(maker)}
                onClick={() =>
                  void commands.execute(CommandIDs.openJob, { name: maker })
                }
              />
            ) : (
              ''
            )
          ]
        ]}
      />
    )
  };
}
