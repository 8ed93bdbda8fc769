import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { useSignal } from '../components/hooks';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

describe('what is drawn by a signal', () => {
  it('misses no change that comes before the effects of its first drawing', () => {
    const known = { word: 'reading' };
    const changed = new Signal<object, void>({});
    function Shown(): JSX.Element {
      useSignal(changed);
      return React.createElement('p', null, known.word);
    }
    function Page(): JSX.Element {
      React.useLayoutEffect(() => {
        known.word = 'read';
        changed.emit();
      }, []);
      return React.createElement(Shown);
    }
    const place = document.createElement('div');
    act(() => createRoot(place).render(React.createElement(Page)));
    expect(place.textContent).toBe('read');
  });
});
