import { pathCode } from '../kernelpath';

describe('the path that a kernel is told', () => {
  it('is expanded there, and quoted', () => {
    expect(pathCode('~/a "b"\\c.ipynb')).toBe(
      "__import__('os').environ['JPY_SESSION_NAME'] = " +
        '__import__(\'os\').path.expanduser("~/a \\"b\\"\\\\c.ipynb")'
    );
  });
});
