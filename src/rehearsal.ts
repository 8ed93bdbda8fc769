/** What a rehearsal found, a line each, with the shape of how good that is. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Shape } from './status';
import type { InvokeAnswer, Rehearsal } from './wire';
import { bytes, shortly } from './words';

export type Finding = readonly [Shape, string];

export function findingsOf(
  found: Rehearsal,
  trans: TranslationBundle
): Finding[] {
  return [
    ...environment(found, trans),
    ...load(found, trans),
    ...answer(found, trans),
    ...comparison(found, trans),
    ...(found.warnings ?? []).map(text => ['warn', text] as const)
  ];
}

function environment(found: Rehearsal, trans: TranslationBundle): Finding[] {
  const seconds = found.environmentSeconds ?? null;
  if (seconds === null || found.environment === 'kernel') {
    return [];
  }
  return [
    [
      'done',
      trans.__('%1 is there, %2', found.environment, shortly(seconds, trans))
    ]
  ];
}

function load(found: Rehearsal, trans: TranslationBundle): Finding[] {
  const seconds = found.loadSeconds ?? null;
  if (seconds === null) {
    return [];
  }
  const took = shortly(seconds, trans);
  const memory = found.memoryBytes ?? null;
  if (memory === null) {
    return [['done', trans.__('Starts in %1', took)]];
  }
  const limit = found.memoryLimitBytes ?? 0;
  return limit && memory > limit
    ? [
        [
          'failed',
          trans.__(
            'Starts in %1, uses %2: more than the %3 of this size',
            took,
            bytes(memory),
            bytes(limit)
          )
        ]
      ]
    : [['done', trans.__('Starts in %1, uses %2', took, bytes(memory))]];
}

function answer(found: Rehearsal, trans: TranslationBundle): Finding[] {
  const told = found.answer ?? null;
  if (!told) {
    return found.error || found.requestData !== null
      ? []
      : [['box', trans.__('Was asked nothing: the model has no sample')]];
  }
  const took = shortly(told.seconds ?? 0, trans);
  return told.status === 200
    ? [['done', trans.__('Answers the sample in %1: %2', took, said(told))]]
    : [
        [
          'failed',
          trans.__('Refuses the sample with %1: %2', told.status, said(told))
        ]
      ];
}

function comparison(found: Rehearsal, trans: TranslationBundle): Finding[] {
  const same = found.isSame ?? null;
  if (same === null || !found.serving) {
    return [];
  }
  const other = found.servingAnswer;
  return same
    ? [['done', trans.__('%1, which serves now, says the same', found.serving)]]
    : [
        [
          'warn',
          trans.__(
            '%1, which serves now, says something else: %2',
            found.serving,
            other ? said(other) : ''
          )
        ]
      ];
}

const MOST = 80;

function said(told: Pick<InvokeAnswer, 'body'> & { text?: string }): string {
  const text = told.text || JSON.stringify(told.body);
  return text.length > MOST ? `${text.slice(0, MOST - 2)} …` : text;
}
