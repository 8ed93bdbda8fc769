import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { twin, twinsOf } from '../codetwin';
import { placeOf } from '../jobactions';
import { progressWords } from '../runwords';
import { isFinal, jobState, mayCancel, reasonOf, staleState } from '../status';
import { summaryOf } from '../store';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Job } from '../wire';
import * as words from '../words';
import { mayAct, whyNot } from '../mayact';
import { IconButton, TextButton } from './controls';
import { openMenu } from './menu';
import { ParentLink } from './parentlink';
import { ViewHeader } from './viewframe';

export interface IJobHeaderProps {
  job: Job;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  now: number;
}

/** What the job is, how it stands, and what can be done about it. */
export function JobHeader(props: IJobHeaderProps): JSX.Element {
  const { job, manager, trans, now } = props;
  const isActive = !isFinal(job.status);
  const isStale = isActive && manager.link.kind !== 'online';
  const own = jobState(job, trans);
  const state = isStale ? staleState(trans) : own;
  const heard = words.ago((now - manager.heardAt) / 1000, trans);
  return (
    <ViewHeader
      before={
        job.spec.parent && (
          <nav className="fx4 s" aria-label={trans.__('Part of')}>
            <ParentLink {...props} parent={job.spec.parent} />
            <span aria-hidden="true">/</span>
          </nav>
        )
      }
      shape={state.shape}
      name={job.spec.displayName || job.name}
      state={<span>{state.word}</span>}
      facts={
        isStale
          ? trans.__('was %1 %2', own.word, heard)
          : isActive
            ? activeWords(job, now, trans)
            : endWords(job, trans)
      }
      aside={isActive && !isStale && trans.__('updated %1', heard)}
    >
      <Actions {...props} />
    </ViewHeader>
  );
}

function Actions(props: IJobHeaderProps): JSX.Element {
  const { job, manager, commands, trans } = props;
  const { name } = job;
  const isOnline = manager.link.kind === 'online';
  const isAllowed = mayAct(manager);
  const why = whyNot(manager, trans);
  const run = (id: string) => void commands.execute(id, { name });
  const place = placeOf(job);
  return (
    <>
      {mayCancel(job.status) && (
        <TextButton
          glyph="stop"
          label={trans.__('Cancel')}
          disabled={!isAllowed}
          title={why || undefined}
          onClick={() => run(CommandIDs.cancelJob)}
        />
      )}
      {isFinal(job.status) && (
        <TextButton
          glyph="refresh"
          label={trans.__('Run again')}
          disabled={!isAllowed}
          title={
            why ||
            (place
              ? trans.__('In its notebook, with the variables of now')
              : trans.__('As a new job of the same spec'))
          }
          onClick={() => run(CommandIDs.rerunJob)}
        />
      )}
      {place && (
        <TextButton
          glyph="open"
          label={trans.__('Go to cell')}
          onClick={() => run(CommandIDs.goToCell)}
        />
      )}
      {job.spec.type === 'notebook' && (
        <TextButton
          glyph="open"
          label={trans.__('Open executed notebook')}
          disabled={!isOnline || !job.startedAt}
          onClick={() => run(CommandIDs.openExecuted)}
        />
      )}
      <TextButton
        glyph="copy"
        label={trans.__('Copy as…')}
        onClick={event => copyMenu(props, event.currentTarget)}
      />
      <IconButton
        glyph="more"
        label={trans.__('More actions')}
        onClick={event =>
          openMenu(
            commands,
            [
              { command: CommandIDs.archiveJob, args: { name } },
              { command: CommandIDs.scheduleJob, args: { name } },
              {
                command: CommandIDs.copyText,
                args: { text: name, label: trans.__('Copy Name') }
              }
            ],
            event.currentTarget
          )
        }
      />
    </>
  );
}

function copyMenu(props: IJobHeaderProps, anchor: Element): void {
  const { job, commands, trans } = props;
  const labels = {
    magic: trans.__('Copy as Magic'),
    python: trans.__('Copy as Python'),
    cli: trans.__('Copy as Command Line'),
    yaml: trans.__('Copy as job.yml')
  };
  openMenu(
    commands,
    twinsOf(job).map(kind => ({
      command: CommandIDs.copyText,
      args: { text: twin(job, kind), label: labels[kind] }
    })),
    anchor
  );
}

function activeWords(job: Job, now: number, trans: TranslationBundle): string {
  const seconds = words.secondsBetween(job.startedAt ?? job.createdAt, now);
  const detail = progressWords(summaryOf(job), seconds, trans);
  const time = words.elapsed(seconds);
  return detail ? trans.__('%1, %2', time, detail) : time;
}

/** When it ended, after how long and where; and why, if that is not said below. */
function endWords(job: Job, trans: TranslationBundle): string {
  if (!job.endedAt) {
    return '';
  }
  const seconds = words.secondsBetween(
    job.startedAt ?? job.createdAt,
    job.endedAt
  );
  const end = trans.__(
    'at %1, after %2 on %3',
    words.clock(job.endedAt),
    words.duration(seconds, trans),
    job.spec.compute ?? ''
  );
  const reason = job.error ? '' : reasonOf(job);
  return reason ? trans.__('%1, %2', end, reason) : end;
}
