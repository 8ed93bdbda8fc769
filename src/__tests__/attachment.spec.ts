import type { ICodeCellModel } from '@jupyterlab/cells';
import { OutputAreaModel } from '@jupyterlab/outputarea';
import { Attachment } from '../attachment';
import type { IFollower } from '../feed';
import type { IAmlManager } from '../tokens';
import type { JobEvent } from '../wire';

/** A cell with what the file held, attached to a job whose events the test sends. */
function attach(lastSeq: number) {
  const outputs = new OutputAreaModel();
  outputs.add({ output_type: 'stream', name: 'stdout', text: 'saved\n' });
  const model = { outputs, executionState: 'idle', executionCount: null };
  let follower: IFollower | null = null;
  let isFollowing = true;
  const manager = {
    follow: (_job: string, _after: number, given: IFollower) => {
      follower = given;
      return { isDisposed: false, dispose: () => (isFollowing = false) };
    }
  };
  const onEnd = jest.fn();
  const attachment = new Attachment({
    model: model as unknown as ICodeCellModel,
    job: 'j1',
    lastSeq,
    executionCount: 7,
    manager: manager as unknown as IAmlManager,
    onEnd
  });
  const say = (...texts: [number, string][]) =>
    follower!.onEvents(
      texts.map(
        ([seq, text]) => ({ seq, time: '', kind: 'stdout', text }) as JobEvent
      )
    );
  const text = () =>
    outputs
      .toJSON()
      .map(output => output.text)
      .join('');
  return {
    attachment,
    model,
    say,
    text,
    end: () => follower!.onEnd(),
    onEnd,
    isFollowing: () => isFollowing
  };
}

describe('an attached cell', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('keeps what was saved until the backlog is there, then goes on', () => {
    const cell = attach(3);
    expect(cell.model.executionState).toBe('running');
    cell.say([1, 'a'], [2, 'b']);
    jest.runAllTimers();
    expect(cell.text()).toBe('saved\n');
    cell.say([3, 'c']);
    jest.runAllTimers();
    expect(cell.text()).toBe('abc');
    cell.say([4, 'd']);
    jest.runAllTimers();
    expect(cell.text()).toBe('abcd');
  });

  it('ends with everything written, and the prompt of that run', () => {
    const cell = attach(2);
    cell.say([1, 'a'], [2, 'b']);
    cell.end();
    expect(cell.text()).toBe('ab');
    expect(cell.model).toMatchObject({
      executionState: 'idle',
      executionCount: 7
    });
    expect(cell.onEnd).toHaveBeenCalledTimes(1);
    expect(cell.isFollowing()).toBe(false);
  });

  it('writes nothing more once somebody else runs the cell', () => {
    const cell = attach(1);
    cell.say([1, 'a']);
    jest.runAllTimers();
    cell.say([2, 'b']);
    cell.attachment.dispose();
    jest.runAllTimers();
    expect(cell.text()).toBe('a');
    expect(cell.isFollowing()).toBe(false);
    expect(cell.onEnd).not.toHaveBeenCalled();
  });

  it('a job that printed nothing empties the cell when it ends', () => {
    const cell = attach(0);
    cell.end();
    expect(cell.text()).toBe('');
  });
});
