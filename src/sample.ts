import type * as nbformat from '@jupyterlab/nbformat';
import type { TranslationBundle } from '@jupyterlab/translation';

/** A notebook whose second cell runs on a compute: the shortest way to a finished run. */
export function sampleNotebook(
  compute: string,
  trans: TranslationBundle
): nbformat.INotebookContent {
  return {
    metadata: {
      kernelspec: {
        name: 'python3',
        display_name: 'Python 3 (ipykernel)',
        language: 'python'
      }
    },
    nbformat: 4,
    nbformat_minor: 5,
    cells: [
      markdown(
        'sample-1',
        trans.__(
          'The first cell runs here, the second on **%1**, the third here again. Run all three.',
          compute
        )
      ),
      code('sample-2', '%load_ext jupyter_aml\n\nnumbers = list(range(10))'),
      code(
        'sample-3',
        `%%aml -c ${compute}\nimport os\n\nprint("process", os.getpid())\ntotal = sum(numbers)\ntotal`
      ),
      code('sample-4', 'total * 2')
    ]
  };
}

function markdown(id: string, source: string): nbformat.ICell {
  return { id, cell_type: 'markdown', metadata: {}, source };
}

function code(id: string, source: string): nbformat.ICell {
  return {
    id,
    cell_type: 'code',
    metadata: {},
    source,
    execution_count: null,
    outputs: []
  };
}
