import type { IStateDB } from '@jupyterlab/statedb';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { ISections } from './components/panel';
import type { ISidebarSection } from './tokens';

const KEY = 'jupyter-aml:sections';

/** The sections of the panel in their order, and which of them the person opened or closed. */
export class SectionList implements ISections {
  constructor(state: IStateDB | null) {
    this._state = state;
    void state?.fetch(KEY).then(value => {
      for (const [id, isOpen] of Object.entries(value ?? {})) {
        // What was opened or closed meanwhile is newer than what was kept.
        if (!this._wishes.has(id)) {
          this._wishes.set(id, isOpen === true);
        }
      }
      this._changed.emit();
    });
  }

  get list(): readonly ISidebarSection[] {
    return this._list;
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

  /** As the person left it; else as the section begins. */
  isOpen(section: ISidebarSection): boolean {
    return this._wishes.get(section.id) ?? !section.isClosed;
  }

  setOpen(id: string, isOpen: boolean): void {
    this._wishes.set(id, isOpen);
    void this._state?.save(KEY, Object.fromEntries(this._wishes));
    this._changed.emit();
  }

  private _set(list: ISidebarSection[]): void {
    this._list = list.sort((a, b) => a.rank - b.rank);
    this._changed.emit();
  }

  private _state: IStateDB | null;
  private _list: ISidebarSection[] = [];
  private _wishes = new Map<string, boolean>();
  private _changed = new Signal<this, void>(this);
}
