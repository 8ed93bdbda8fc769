import type { IStateDB } from '@jupyterlab/statedb';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { ISections } from './components/panel';
import type { ISidebarSection } from './tokens';

const KEY = 'jupyter-aml:closed-sections';

/** The sections of the panel in their order, and which of them the person has closed. */
export class SectionList implements ISections {
  constructor(state: IStateDB | null) {
    this._state = state;
    void state?.fetch(KEY).then(value => {
      if (Array.isArray(value)) {
        this._closed = new Set(value.filter(id => typeof id === 'string'));
        this._changed.emit();
      }
    });
  }

  get list(): readonly ISidebarSection[] {
    return this._list;
  }
  get closed(): ReadonlySet<string> {
    return this._closed;
  }
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  add(section: ISidebarSection): IDisposable {
    this._set([...this._list, section]);
    return new DisposableDelegate(() =>
      this._set(this._list.filter(other => other !== section))
    );
  }

  toggle(id: string): void {
    if (!this._closed.delete(id)) {
      this._closed.add(id);
    }
    void this._state?.save(KEY, Array.from(this._closed));
    this._changed.emit();
  }

  private _set(list: ISidebarSection[]): void {
    this._list = list.sort((a, b) => a.rank - b.rank);
    this._changed.emit();
  }

  private _state: IStateDB | null;
  private _list: ISidebarSection[] = [];
  private _closed = new Set<string>();
  private _changed = new Signal<this, void>(this);
}
