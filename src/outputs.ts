/**
 * From a job's events to a cell's outputs, as if the kernel had run the cell.
 *
 * `OutputFold` holds what folding needs to remember between batches; where the outputs go is its
 * sink's matter. Consecutive texts of one stream join into one output, as `OutputAreaModel` does.
 */
import type * as nbformat from '@jupyterlab/nbformat';
import type { JobEvent } from './wire';

/** Where folded outputs go; `IOutputAreaModel` is one. */
export interface IOutputSink {
  readonly length: number;
  add(output: nbformat.IOutput): number;
  set(index: number, output: nbformat.IOutput): void;
  clear(): void;
}

type Mimebundle = nbformat.IMimeBundle;

export interface IFoldOptions {
  /** Name of the job: the first rich output carries it, as the kernel's own replay has it. */
  job: string;
  /** Number of the prompt, if it is known. */
  executionCount: number | null;
}

export class OutputFold {
  constructor(sink: IOutputSink, options: IFoldOptions) {
    this._sink = sink;
    this._options = options;
  }

  /** Send what comes next to another sink that already holds the same outputs. */
  moveTo(sink: IOutputSink): void {
    this._sink = sink;
  }

  /** The reader cleared the outputs: nothing written before can be updated. */
  forget(): void {
    this._displays.clear();
    this._clearNext = false;
    this._isCarried = false;
  }

  apply(events: readonly JobEvent[]): void {
    for (const event of joinStreams(events)) {
      this._applyOne(event);
    }
  }

  private _applyOne(event: JobEvent): void {
    switch (event.kind) {
      case 'stdout':
      case 'stderr':
        this._add({
          output_type: 'stream',
          name: event.kind,
          text: event.text ?? ''
        });
        break;
      case 'display_data':
        this._show(event, {
          output_type: 'display_data',
          data: (event.data ?? {}) as Mimebundle,
          metadata: (event.metadata ?? {}) as nbformat.OutputMetadata
        });
        break;
      case 'execute_result':
        this._show(event, {
          output_type: 'execute_result',
          execution_count: this._options.executionCount,
          data: (event.data ?? {}) as Mimebundle,
          metadata: (event.metadata ?? {}) as nbformat.OutputMetadata
        });
        break;
      case 'update_display_data':
        this._update(event);
        break;
      case 'clear_output':
        if (event.wait) {
          this._clearNext = true;
        } else {
          this._clear();
        }
        break;
      case 'error':
        this._add({
          output_type: 'error',
          ename: event.ename ?? '',
          evalue: event.evalue ?? '',
          traceback: event.traceback ?? []
        });
        break;
      case 'notice':
        this._add({
          output_type: 'stream',
          name: 'stderr',
          text: (event.text ?? '').replace(/\n?$/, '\n')
        });
        break;
      default: // status, metric, progress: about the job, not its output
        break;
    }
  }

  private _show(event: JobEvent, output: nbformat.IOutput): void {
    if (this._clearNext) {
      this._clear();
    }
    if (!this._isCarried) {
      this._isCarried = true;
      const own = { jupyter_aml: { job: this._options.job } };
      output.metadata = { ...(output.metadata as object), ...own };
    }
    const index = this._add(output) - 1;
    const id = displayId(event);
    if (id) {
      this._displays.set(id, [...(this._displays.get(id) ?? []), index]);
    }
  }

  private _update(event: JobEvent): void {
    for (const index of this._displays.get(displayId(event)) ?? []) {
      if (index < this._sink.length) {
        this._sink.set(index, {
          output_type: 'display_data',
          data: (event.data ?? {}) as Mimebundle,
          metadata: (event.metadata ?? {}) as nbformat.OutputMetadata
        });
      }
    }
  }

  private _add(output: nbformat.IOutput): number {
    if (this._clearNext) {
      this._clear();
    }
    return this._sink.add(output);
  }

  private _clear(): void {
    this._clearNext = false;
    this._isCarried = false;
    this._displays.clear();
    this._sink.clear();
  }

  private _sink: IOutputSink;
  private _options: IFoldOptions;
  private _isCarried = false;
  private _clearNext = false;
  private _displays = new Map<string, number[]>();
}

/** A sink in memory, to fold a backlog before the cell is touched. */
export class OutputList implements IOutputSink {
  readonly outputs: nbformat.IOutput[] = [];

  get length(): number {
    return this.outputs.length;
  }

  add(output: nbformat.IOutput): number {
    const last = this.outputs[this.outputs.length - 1];
    if (
      last?.output_type === 'stream' &&
      output.output_type === 'stream' &&
      last.name === output.name
    ) {
      last.text = `${last.text}${output.text}`;
    } else {
      this.outputs.push({ ...output });
    }
    return this.outputs.length;
  }

  set(index: number, output: nbformat.IOutput): void {
    this.outputs[index] = output;
  }

  clear(): void {
    this.outputs.length = 0;
  }
}

function displayId(event: JobEvent): string {
  const id = (event.transient as Record<string, unknown> | undefined)?.[
    'display_id'
  ];
  return typeof id === 'string' ? id : '';
}

/** One event for each run of texts of the same stream: a page draws once, not a thousand times. */
function joinStreams(events: readonly JobEvent[]): JobEvent[] {
  const joined: JobEvent[] = [];
  for (const event of events) {
    const last = joined[joined.length - 1];
    const isStream = event.kind === 'stdout' || event.kind === 'stderr';
    if (last && isStream && last.kind === event.kind) {
      joined[joined.length - 1] = {
        ...last,
        text: `${last.text ?? ''}${event.text ?? ''}`
      };
    } else {
      joined.push(event);
    }
  }
  return joined;
}
