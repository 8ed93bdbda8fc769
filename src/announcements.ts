import { Notification } from '@jupyterlab/apputils';
import type { IAmlManager } from './tokens';
import type { Notice } from './wire';

interface IShown {
  id: string;
  text: string;
}

/**
 * What the service announces while the page is open (a budget nearly used up, compute that is
 * stopped soon), as one notice each: changed in place, gone when it is over. What was announced
 * before the page was opened stands in the panel alone.
 */
export class Announcements {
  constructor(private readonly _manager: IAmlManager) {
    _manager.changed.connect(() => this._look());
  }

  private _look(): void {
    if (!this._manager.isReady) {
      return;
    }
    const notices = this._manager.notices;
    const names = new Set(notices.map(notice => notice.name));
    if (this._old === null) {
      this._old = names;
      return;
    }
    for (const notice of notices) {
      if (!this._old.has(notice.name)) {
        this._show(notice);
      }
    }
    for (const [name, { id }] of this._shown) {
      if (!names.has(name)) {
        Notification.dismiss(id);
        this._shown.delete(name);
      }
    }
  }

  private _show(notice: Notice): void {
    const { name, kind, text } = notice;
    const before = this._shown.get(name);
    if (before?.text === text) {
      return;
    }
    const updated =
      before !== undefined &&
      Notification.update({ id: before.id, message: text, type: kind });
    // Also when the person has closed the earlier one: this is another word.
    const id = updated
      ? before.id
      : Notification.emit(text, kind, { autoClose: false });
    this._shown.set(name, { id, text });
  }

  private _old: ReadonlySet<string> | null = null;
  private _shown = new Map<string, IShown>();
}
