import { ApiError } from './request';
import type { Asked, IDraft } from './tokens';
import type { NewCompute } from './wire';

/**
 * What was asked for and is not yet seen in the service's own state, and what was refused.
 *
 * Rows show it at once: whoever pressed a button sees within a frame that it was heard.
 */
export class Asks {
  constructor(
    private readonly _touch: () => void,
    private readonly _refused: (error: ApiError, what: string) => void
  ) {}

  readonly drafts = new Map<string, IDraft>();

  asked(key: string): Asked | null {
    return this._asked.get(key) ?? null;
  }

  problem(key: string): ApiError | null {
    return this._problems.get(key) ?? null;
  }

  dismissProblem(key: string): void {
    this._problems.delete(key);
    this._touch();
  }

  dismissDraft(name: string): void {
    this.drafts.delete(name);
    this._touch();
  }

  /** Do what was asked; until it is done or refused the row says so. */
  async run(
    key: string,
    asked: Asked,
    action: () => Promise<void>
  ): Promise<void> {
    this._asked.set(key, asked);
    this._problems.delete(key);
    this._touch();
    try {
      await action();
    } catch (reason) {
      const error = ApiError.from(reason);
      this._problems.set(key, error);
      this._refused(error, '');
    } finally {
      this._asked.delete(key);
      this._touch();
    }
  }

  /** A row of its own until the service lists what is being created, or says why not. */
  async create(spec: NewCompute, action: () => Promise<void>): Promise<void> {
    const draft: IDraft = { spec, since: Date.now(), error: null };
    this.drafts.set(spec.name, draft);
    this._touch();
    try {
      await action();
      this.drafts.delete(spec.name);
    } catch (reason) {
      draft.error = ApiError.from(reason);
      this._refused(draft.error, spec.name);
    }
    this._touch();
  }

  private _asked = new Map<string, Asked>();
  private _problems = new Map<string, ApiError>();
}
