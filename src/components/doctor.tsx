/** Why a job failed or waits: cause, where, fix, raw, in this order. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { mayAct, whyNot } from '../mayact';
import { seriesOf, useSamples } from '../samples';
import { STAGES_KEPT, stageName } from '../stagelist';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Diagnosis, Fix, Job, Wait } from '../wire';
import { bytes, rate } from '../words';
import { CommandLine, LinkButton, TextButton } from './controls';
import { ErrorMessage, Message } from './message';
import { Plot } from './plot';

interface IDoctorProps {
  job: Job;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** Why the job failed: the doctor's word when a rule is sure, else the error itself. */
export function Doctor(props: IDoctorProps): JSX.Element | null {
  const { job, trans } = props;
  const diagnosis = job.diagnosis as Diagnosis | null;
  if (!diagnosis) {
    return job.error && <ErrorMessage error={job.error} trans={trans} />;
  }
  const details = job.error?.details ?? [];
  const raw = [job.error?.message, diagnosis.evidence, ...details];
  return (
    <Message kind="err" title={diagnosis.cause}>
      <div className="aml-evidence">
        <Where {...props} diagnosis={diagnosis} />
        {diagnosis.rule === 'out-of-memory' && <MemoryPlot {...props} />}
      </div>
      <Fixes {...props} fixes={diagnosis.fixes} />
      <details>
        <summary>{trans.__('Show raw error')}</summary>
        <pre className="aml-raw">
          {Array.from(new Set(raw.filter(Boolean))).join('\n')}
        </pre>
      </details>
    </Message>
  );
}

function Where(
  props: IDoctorProps & { diagnosis: Diagnosis }
): JSX.Element | null {
  const { job, commands, trans } = props;
  const { where } = props.diagnosis;
  if (!where) {
    return null;
  }
  const file = (where.file || where.notebook || '').replace(/^.*\//, '');
  const label = where.executionCount
    ? trans.__('%1, [%2], line %3', file, where.executionCount, where.line)
    : trans.__('%1, line %2', file, where.line);
  const lines = where.lines?.length
    ? where.lines
    : [{ number: where.line, text: where.text, marked: true }];
  return (
    <div>
      <div className="s aml-where">
        {trans.__('Where:')}{' '}
        {where.cellId ? (
          <LinkButton
            label={label}
            onClick={() =>
              void commands.execute(CommandIDs.goToCell, {
                name: job.name,
                line: where.line
              })
            }
          />
        ) : (
          label
        )}
      </div>
      <div className="aml-code" tabIndex={0}>
        {lines.map(line => (
          <div key={line.number} className={line.marked ? 'hit' : undefined}>
            <i>{line.number}</i>
            <span>{line.text}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function MemoryPlot(props: IDoctorProps): JSX.Element | null {
  const { job, manager, trans } = props;
  const samples = useSamples(manager, job.name, false);
  const limit = samples[samples.length - 1]?.memoryLimitBytes ?? 0;
  if (samples.length < 2) {
    return null;
  }
  const series = seriesOf(samples, 'memory', one => one.memoryBytes / 1e9);
  const peak = bytes(Math.max(...samples.map(one => one.memoryBytes)));
  return (
    <div>
      <div className="s aml-where">
        {limit
          ? trans.__('Memory, GB (limit %1)', bytes(limit))
          : trans.__('Memory, GB')}
      </div>
      <Plot
        series={[series]}
        height={76}
        domain={limit ? [0, limit / 1e9] : undefined}
        summary={trans.__('Memory rises to %1', peak)}
      />
    </div>
  );
}

/** The ways out: the first is the likeliest and stands out. */
export function Fixes(
  props: IDoctorProps & { fixes: readonly Fix[] | undefined }
): JSX.Element | null {
  const { job, commands, trans, manager } = props;
  const fixes = props.fixes ?? [];
  const first = fixes[0];
  if (!first) {
    return null;
  }
  const isTyped = (fix: Fix) =>
    fix.kind === 'command' &&
    (job.spec.type !== 'cell' || fix.value.startsWith('jupyter aml'));
  const label = (fix: Fix) =>
    fix.pricePerHour
      ? trans.__('%1, %2', fix.label, rate(fix.pricePerHour, trans))
      : fix.label;
  return (
    <>
      <div className="acts">
        <b>{trans.__('Fix:')}</b>
        {fixes
          .filter(fix => !isTyped(fix))
          .map((fix, index) => (
            <TextButton
              key={fix.value}
              kind={index === 0 ? 'accept' : undefined}
              label={label(fix)}
              disabled={!mayAct(manager)}
              title={whyNot(manager, trans) || undefined}
              onClick={() =>
                void commands.execute(CommandIDs.applyFix, {
                  ...fix,
                  job: job.name
                })
              }
            />
          ))}
        <span className="s">{restartWords(first, trans)}</span>
      </div>
      {fixes.filter(isTyped).map(fix => (
        <div key={fix.value}>
          <div className="s">{fix.label}</div>
          <CommandLine text={fix.value} trans={trans} />
        </div>
      ))}
    </>
  );
}

function restartWords(fix: Fix, trans: TranslationBundle): string {
  const stage = fix.restartsAt;
  if (!stage) {
    return '';
  }
  const name = stageName(stage, trans);
  return STAGES_KEPT.has(stage)
    ? trans.__('Starts at “%1”: what lies before it is kept.', name)
    : trans.__('Starts from the beginning.');
}

/** A start that takes longer than usual: why that may be, and where it would be sooner. */
export function SlowStart(
  props: IDoctorProps & { wait: Wait | null }
): JSX.Element | null {
  const { wait, trans } = props;
  if (!wait?.waiting || !wait.slower) {
    return null;
  }
  return (
    <Message
      kind="warn"
      title={trans.__('Slower than 95 % of your starts')}
      text={wait.likely}
    >
      <Fixes {...props} fixes={wait.alternative ? [wait.alternative] : []} />
    </Message>
  );
}
