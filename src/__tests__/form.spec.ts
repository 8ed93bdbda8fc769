import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { Form, useSending } from '../components/form';
import { useRead } from '../components/useread';
import { ApiError } from '../request';

const trans = nullTranslator.load('');
const REFUSED = new ApiError({ code: 'Conflict', message: 'It is there.' });

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

// Not in jsdom, which draws nothing.
Element.prototype.scrollIntoView = () => undefined;

/** Draw it; the element that it is drawn in. */
function draw(element: React.ReactElement): HTMLElement {
  const place = document.createElement('div');
  document.body.append(place);
  act(() => createRoot(place).render(element));
  return place;
}

describe('a form that stays until the service has answered', () => {
  let answer: { resolve(): void; reject(reason: unknown): void };

  function Sent(props: { trouble?: string }): JSX.Element {
    const sending = useSending();
    const send = () =>
      new Promise<void>((resolve, reject) => {
        answer = { resolve, reject };
      });
    return React.createElement(Form, {
      title: 'New thing',
      action: 'Make thing',
      trouble: props.trouble ?? '',
      sending,
      trans,
      onSubmit: () => void sending.send(send),
      onCancel: sending.forget,
      children: null
    });
  }
  const submit = (place: HTMLElement) =>
    act(() => {
      place
        .querySelector('form')
        ?.dispatchEvent(
          new Event('submit', { bubbles: true, cancelable: true })
        );
    });
  const button = (place: HTMLElement) =>
    place.querySelector<HTMLButtonElement>('[type=submit]')!;

  it('is sent once, and shows what it was refused with until it changes', async () => {
    const place = draw(React.createElement(Sent));
    submit(place);
    expect(button(place).disabled).toBe(true);
    expect(place.querySelector('form')?.getAttribute('aria-busy')).toBe('true');
    await act(async () => answer.reject(REFUSED));
    expect(button(place).disabled).toBe(false);
    expect(place.querySelector('[role=alert]')?.textContent).toContain(
      'It is there.'
    );
    act(() => place.querySelector<HTMLElement>('.answers .btn')?.click());
    expect(place.querySelector('[role=alert]')).toBeNull();
  });

  it('is not sent while something is missing, and says what', () => {
    const place = draw(React.createElement(Sent, { trouble: 'Type a name.' }));
    answer = { resolve: () => undefined, reject: () => undefined };
    const before = answer;
    submit(place);
    expect(answer).toBe(before);
    expect(button(place).disabled).toBe(true);
    expect(place.querySelector('.foot [role=status]')?.textContent).toBe(
      'Type a name.'
    );
  });
});

describe('what a view reads', () => {
  it('is not overwritten by an older answer that comes late', async () => {
    const answers: Record<string, (value: string) => void> = {};
    const Shown = ({ name }: { name: string }) => {
      const { value } = useRead(
        () => new Promise<string>(resolve => (answers[name] = resolve)),
        [name]
      );
      return React.createElement('p', null, value);
    };
    const place = document.createElement('div');
    const root = createRoot(place);
    act(() => root.render(React.createElement(Shown, { name: 'old' })));
    act(() => root.render(React.createElement(Shown, { name: 'new' })));
    await act(async () => answers['new']?.('the new one'));
    await act(async () => answers['old']?.('the old one'));
    expect(place.textContent).toBe('the new one');
  });

  it('says what it was refused with', async () => {
    const Shown = () => {
      const { value, error } = useRead(() => Promise.reject(REFUSED), []);
      return React.createElement('p', null, value, error?.message);
    };
    const place = draw(React.createElement(Shown));
    await act(async () => undefined);
    expect(place.textContent).toBe('It is there.');
  });
});
