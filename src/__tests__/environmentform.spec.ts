import { nullTranslator } from '@jupyterlab/translation';
import { keyOf } from '../components/lineage';
import {
  environmentOf,
  environmentTrouble,
  environmentTwins,
  isAbout,
  lineNamed,
  NO_ENVIRONMENT
} from '../environmentform';

const trans = nullTranslator.load('jupyter_aml');
const FORM = {
  ...NO_ENVIRONMENT,
  name: 'trees',
  packages: 'pandas>=2\n\ntqdm'
};

it('sends what is chosen, without empty lines', () => {
  expect(environmentOf({ ...FORM, python: ' 3.11 ', conda: 'a: b' })).toEqual({
    name: 'trees',
    requirements: ['pandas>=2', 'tqdm'],
    python: '3.11'
  });
  expect(environmentOf({ ...FORM, from: 'conda', conda: 'a: b' })).toEqual({
    name: 'trees',
    condaFile: 'a: b'
  });
});

it.each([
  [{}, ''],
  [{ name: '' }, 'It needs a name'],
  [{ name: '-a' }, 'Name: letters, digits, - and _, first no sign'],
  [{ packages: '\n' }, 'Name a package'],
  [{ from: 'conda' as const }, 'Paste a conda file']
])('says what is missing: %j', (change, trouble) => {
  expect(environmentTrouble({ ...FORM, ...change }, trans)).toBe(trouble);
});

it('is code in three ways; what a shell would split is read from a file', () => {
  const { magic, python, cli } = environmentTwins(environmentOf(FORM));
  expect(magic).toBe(
    '%aml environment create trees --pip "pandas>=2 tqdm" --build'
  );
  expect(cli).toBe(
    'jupyter aml environment create trees --pip "pandas>=2 tqdm" --build'
  );
  expect(python).toContain('requirements=["pandas>=2","tqdm"]');
  const marked = { ...FORM, packages: 'tqdm; python_version < "3.12"' };
  expect(environmentTwins(environmentOf(marked)).magic).toContain(
    '--requirements requirements.txt'
  );
});

it('finds the line that a refusal names', () => {
  const text = FORM.packages;
  const found = lineNamed('requirement 2', text);
  expect(text.slice(found?.start, found?.end)).toBe('tqdm');
  expect(lineNamed('requirement 3', text)).toBeNull();
  expect(lineNamed('name', text)).toBeNull();
});

it('knows the line that a build failed at by its package', () => {
  expect(isAbout('Scikit_Learn>=1.4', 'scikit-learn')).toBe(true);
  expect(isAbout('scikit-learn-extra', 'scikit-learn')).toBe(false);
  expect(isAbout('--no-binary :all:', '')).toBe(false);
});

it('links what names a version, and nothing else', () => {
  expect(keyOf('azureml:calls:2')).toBe('calls:2');
  expect(keyOf('azureml://datastores/a/paths/b')).toBe('');
  expect(keyOf('azureml:calls@latest')).toBe('');
  expect(keyOf('/data/calls.csv')).toBe('');
});
