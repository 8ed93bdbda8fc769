import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { JobModel } from '../jobmodel';
import type { IAmlManager } from '../tokens';

type Answer = (status: string | Error) => void;

/** A manager whose answers to `jobs.get` the test gives, in the order that it likes. */
function make() {
  const asked: Answer[] = [];
  const known = { kind: 'online', status: 'Running' };
  const manager = {
    call: (operation: string) =>
      operation === 'jobs.get'
        ? new Promise((resolve, reject) =>
            asked.push(answer =>
              answer instanceof Error
                ? reject(answer)
                : resolve({ name: 'j', status: answer, spec: {} })
            )
          )
        : Promise.resolve({ waiting: false }),
    follow: () => ({ isDisposed: false, dispose: () => undefined }),
    jobNamed: () => ({ status: known.status, statusReason: '', endedAt: null }),
    get link() {
      return { kind: known.kind };
    }
  };
  const changed = new Signal<object, void>(manager);
  const model = new JobModel(
    'j',
    Object.assign(manager, { changed }) as unknown as IAmlManager,
    nullTranslator.load('')
  );
  const become = (now: Partial<typeof known>) => {
    Object.assign(known, now);
    changed.emit();
  };
  return { model, asked, become };
}

const turn = () => new Promise(resolve => setTimeout(resolve));

describe('the whole job of a view', () => {
  it('is not overwritten by an answer to an older question', async () => {
    const { model, asked, become } = make();
    become({ status: 'Completed' });
    asked[1]?.('Completed');
    await turn();
    asked[0]?.('Running');
    await turn();
    expect(model.job?.status).toBe('Completed');
  });

  it('is read again when the line is back, the row being as it was', async () => {
    const { model, asked, become } = make();
    asked[0]?.(new Error('Failed to fetch'));
    await turn();
    expect(model.error).not.toBeNull();
    become({ kind: 'connecting' });
    become({ kind: 'online' });
    asked[asked.length - 1]?.('Running');
    await turn();
    expect(model.job?.status).toBe('Running');
    expect(model.error).toBeNull();
  });

  it('is read once as long as nothing of it changes', () => {
    const { asked, become } = make();
    become({});
    become({});
    expect(asked).toHaveLength(1);
  });
});
