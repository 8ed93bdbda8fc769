import { notebookTwins } from '../notebooktwins';

describe('a notebook as a job, as code', () => {
  it('leaves out what is the default', () => {
    const run = { compute: 'local', environment: 'kernel', parameters: {} };
    expect(notebookTwins('train.ipynb', run)).toEqual({
      magic: '%aml job create --notebook train.ipynb',
      python:
        'import jupyter_aml as aml\naml.connect().jobs.create(aml.notebook_job("train.ipynb"))',
      cli: 'jupyter aml job create --notebook train.ipynb'
    });
  });

  it('writes values as each language has them', () => {
    const parameters = { rate: 0.1, on: true, names: ["o'k", null], of: {} };
    const run = { compute: 'gpu', environment: 'pandas:1', parameters };
    const { cli, python } = notebookTwins('my work.ipynb', run);
    expect(cli).toBe(
      `jupyter aml job create --notebook 'my work.ipynb' -p rate=0.1 -p on=true ` +
        `-p 'names=["o'"'"'k",null]' -p 'of={}' -c gpu --set environment=pandas:1`
    );
    expect(python).toContain(
      '{"rate": 0.1, "on": True, "names": ["o\'k", None], "of": {}}, ' +
        'compute="gpu", environment="pandas:1"'
    );
  });
});
