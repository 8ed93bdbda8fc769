import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { Part } from '../components/boundary';
import { showModal } from '../components/modal';

jest.mock('@jupyterlab/apputils', () => ({
  showErrorMessage: jest.fn(() => Promise.resolve())
}));
import { showErrorMessage } from '@jupyterlab/apputils';

const trans = nullTranslator.load('');

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

function Broken(): JSX.Element {
  throw new Error('no such field');
}

/** React tells the console of what a boundary caught. */
beforeEach(() => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a part that cannot be drawn', () => {
  it('says so, with the raw text, and leaves its neighbours alone', () => {
    const place = document.createElement('div');
    const part = (name: string, child: React.ReactNode) =>
      React.createElement(Part, { name, trans, key: name, children: child });
    act(() =>
      createRoot(place).render([
        part('Compute', React.createElement(Broken)),
        part('Jobs', 'two jobs')
      ])
    );
    expect(place.textContent).toContain('Compute could not be drawn');
    expect(place.querySelector('pre')?.textContent).toContain('no such field');
    expect(place.textContent).toContain('two jobs');
  });

  it('ends its dialog as if it were dismissed', async () => {
    let answer: Promise<unknown> = Promise.resolve();
    act(() => {
      answer = showModal('New thing', () => React.createElement(Broken));
    });
    await expect(answer).resolves.toBeNull();
    expect(document.querySelector('dialog')).toBeNull();
    expect(showErrorMessage).toHaveBeenCalledWith(
      'New thing',
      expect.objectContaining({ message: 'no such field' })
    );
  });
});
