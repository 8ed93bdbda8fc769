import type { IDisposable } from '@lumino/disposable';

/**
 * Holds back what moves cells while a mouse button is down.
 *
 * A notebook takes the cell under the pointer as clicked when the button goes up. If the cells had
 * moved since it went down, that would be another one.
 */
export class WhenReleased implements IDisposable {
  constructor(node: HTMLElement) {
    this._node = node;
    node.addEventListener('pointerdown', this._onDown, true);
    window.addEventListener('pointerup', this._onUp);
    window.addEventListener('pointercancel', this._onUp);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What was held back is done. */
  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._node.removeEventListener('pointerdown', this._onDown, true);
      window.removeEventListener('pointerup', this._onUp);
      window.removeEventListener('pointercancel', this._onUp);
      this._flush();
    }
  }

  /** Do it now, or once the button is up and the click is handled. */
  run(action: () => void): void {
    if (this._isDown) {
      this._held.push(action);
    } else {
      action();
    }
  }

  private _onDown = (): void => {
    this._isDown = true;
  };

  private _onUp = (): void => {
    if (this._isDown) {
      // Mouse events follow the pointer's own.
      window.setTimeout(() => this._flush());
    }
  };

  private _flush(): void {
    this._isDown = false;
    for (const action of this._held.splice(0)) {
      action();
    }
  }

  private _node: HTMLElement;
  private _isDown = false;
  private _held: (() => void)[] = [];
  private _isDisposed = false;
}
