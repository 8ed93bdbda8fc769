/** A question or a form over the page: the browser's own dialog, which keeps the focus inside. */
import { showErrorMessage } from '@jupyterlab/apputils';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { Boundary } from './boundary';

export interface IModalProps<T> {
  /** End the dialog with an answer; null is "no". */
  close(answer: T | null): void;
}

/**
 * Show a dialog until it is answered. Escape answers null.
 *
 * The focus goes to the element with `autoFocus` and returns to where it was.
 */
export function showModal<T>(
  label: string,
  render: (props: IModalProps<T>) => JSX.Element,
  className = ''
): Promise<T | null> {
  const opener = document.activeElement;
  const dialog = document.createElement('dialog');
  dialog.className = `aml aml-dlg ${className}`;
  dialog.setAttribute('aria-label', label);
  // JupyterLab's shortcuts must not act on the notebook below.
  dialog.dataset.lmSuppressShortcuts = 'true';
  document.body.append(dialog);
  const root = createRoot(dialog);
  return new Promise(resolve => {
    let answer: T | null = null;
    const close = (value: T | null) => {
      answer = value;
      dialog.close();
    };
    const end = () => {
      // React must not be unmounted from inside its own event.
      setTimeout(() => {
        root.unmount();
        dialog.remove();
        if (opener instanceof HTMLElement && opener.isConnected) {
          opener.focus();
        }
        resolve(answer);
      });
    };
    dialog.addEventListener('close', end);
    dialog.addEventListener('keydown', event => event.stopPropagation());
    const failed = (error: Error) => (
      <Failed
        tell={() => {
          if (dialog.open) {
            dialog.close();
          } else {
            end(); // closing what is not open tells nobody
          }
          void showErrorMessage(label, error);
        }}
      />
    );
    root.render(
      <Boundary fallback={failed}>
        <Opened dialog={dialog}>{render({ close })}</Opened>
      </Boundary>
    );
  });
}

/** Opens the dialog once its content is drawn, so that the right element gets the focus. */
function Opened(props: {
  dialog: HTMLDialogElement;
  children: JSX.Element;
}): JSX.Element {
  const { dialog } = props;
  React.useLayoutEffect(() => {
    if (!dialog.open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    }
  }, [dialog]);
  return props.children;
}

/** Content that could not be drawn: who waits for the dialog must not wait for ever. */
function Failed(props: { tell(): void }): null {
  React.useEffect(props.tell, []);
  return null;
}
