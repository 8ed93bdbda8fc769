import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { confirm } from '../components/confirm';
import { JobActions } from '../jobactions';
import type { IAmlManager } from '../tokens';
import type { Fix } from '../wire';

jest.mock('../components/confirm', () => ({ confirm: jest.fn() }));

const place = { notebook: 'a.ipynb', cellId: 'b' };
const install: Fix = {
  kind: 'command',
  label: 'Install lightgbm',
  value: '%pip install lightgbm',
  pricePerHour: null,
  restartsAt: null
};

function make(): { actions: JobActions; runAbove: jest.Mock } {
  const actions = new JobActions({
    manager: {} as IAmlManager,
    commands: new CommandRegistry(),
    trans: nullTranslator.load('')
  });
  const runAbove = jest.fn().mockResolvedValue(true);
  actions.cells.runAbove = runAbove;
  return { actions, runAbove };
}

describe('a fix that changes the Python of the notebook', () => {
  it.each([true, false])('asks first: %s', async answer => {
    jest.mocked(confirm).mockResolvedValueOnce(answer);
    const { actions, runAbove } = make();
    await actions.apply(install, null, place);
    expect(confirm).toHaveBeenCalledWith(
      expect.objectContaining({
        title: 'Install lightgbm into the Python of this notebook?'
      })
    );
    expect(runAbove).toHaveBeenCalledTimes(answer ? 1 : 0);
  });

  it('is no line of ours: those run at once', async () => {
    jest.mocked(confirm).mockClear();
    const { actions, runAbove } = make();
    const line = 'jupyter aml compute start box';
    await actions.apply({ ...install, value: line }, null, place);
    expect(confirm).not.toHaveBeenCalled();
    expect(runAbove).toHaveBeenCalledWith(place, '%aml compute start box');
  });
});
