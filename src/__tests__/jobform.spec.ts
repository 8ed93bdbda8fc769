import { nullTranslator } from '@jupyterlab/translation';
import {
  IJobForm,
  jobSpec,
  jobTrouble,
  jobTwins,
  newJobForm
} from '../jobform';

const trans = nullTranslator.load('');

function form(change: Partial<IJobForm> = {}): IJobForm {
  const begin = newJobForm('cpu-cluster', '/home/ana/work');
  return { ...begin, command: 'python train.py', ...change };
}

describe('the form of a job', () => {
  it('becomes a job that names what differs from the defaults alone', () => {
    expect(jobSpec(form())).toEqual({
      type: 'command',
      command: 'python train.py',
      compute: 'cpu-cluster',
      code: '/home/ana/work'
    });
    expect(jobSpec(form({ compute: 'local' }))).toMatchObject({
      cwd: '/home/ana/work'
    });
  });

  it('reads minutes, inputs and variables', () => {
    const spec = jobSpec(
      form({
        timeout: '20',
        instanceCount: '2',
        inputs: 'rate=0.1\nflag = true\nname=a=b\n\n',
        environmentVariables: 'N=1'
      })
    );
    expect(spec).toMatchObject({
      timeout: 1200,
      instanceCount: 2,
      inputs: { rate: 0.1, flag: true, name: 'a=b' },
      environmentVariables: { N: '1' }
    });
  });

  it('says what the service would refuse', () => {
    expect(jobTrouble(form(), trans)).toBe('');
    expect(jobTrouble(form({ command: ' ' }), trans)).toContain('command');
    expect(jobTrouble(form({ instanceCount: '101' }), trans)).toBe(
      'Nodes: from 1 to 100.'
    );
    expect(jobTrouble(form({ timeout: '-1' }), trans)).toContain('minutes');
    expect(jobTrouble(form({ inputs: 'rate' }), trans)).toContain('rate');
  });

  it('has the same as a job file, in Python and in a terminal', () => {
    const [[, file], [, python], [, cli]] = jobTwins(
      form({ inputs: 'flag=true', instanceCount: '2' }),
      trans
    ) as [[string, string], [string, string], [string, string]];
    expect(file).toBe(
      [
        'command: "python train.py"',
        'compute: "cpu-cluster"',
        'inputs: {"flag":true}',
        'code: "/home/ana/work"',
        'resources: {"instance_count":2}',
        ''
      ].join('\n')
    );
    expect(python).toContain('    inputs={"flag": True},\n');
    expect(python).toContain('    instance_count=2,\n');
    expect(cli).toBe(
      `jupyter aml job create --file - --stream <<'END'\n${file}END\n`
    );
  });
});
