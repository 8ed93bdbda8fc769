import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { CloseFoot } from './components/foot';
import { showModal } from './components/modal';

/** What the keys do in the panel and in the list of sizes. */
export async function showKeyboardHelp(
  trans: TranslationBundle
): Promise<void> {
  const title = trans.__('Keys of the Azure ML panel');
  const rows: [string, string][] = [
    [trans.__('Tab'), trans.__('header, section titles, one stop per list')],
    [trans.__('Enter or Space on a title'), trans.__('open or close it')],
    [trans.__('Up, Down, Home, End, letters'), trans.__('move in a list')],
    [trans.__('Right, Left'), trans.__('open or close a row’s details')],
    [trans.__('Enter'), trans.__('open in the main area')],
    [trans.__('Space'), trans.__('the row’s action')],
    [trans.__('Shift F10 or Menu'), trans.__('all actions')],
    [
      trans.__('Delete'),
      trans.__('cancel a job; delete a compute, which asks before')
    ],
    [trans.__('/ in the list of sizes'), trans.__('search')],
    [
      trans.__('Arrows in the graph of a pipeline'),
      trans.__('go from step to step; Enter opens its job')
    ],
    [
      trans.__('Arrows in the trials of a sweep'),
      trans.__('mark one in the plot; Enter opens its job')
    ]
  ];
  await showModal<never>(
    title,
    ({ close }) => (
      <div className="aml-form">
        <h2>{title}</h2>
        <table>
          <tbody>
            {rows.map(([key, what]) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td>{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <CloseFoot trans={trans} onClose={() => close(null)} />
      </div>
    ),
    'aml-edit'
  );
}
