/** A pipeline on a real service: its steps one after the other, and a second run that reuses one. */
import { expect, test } from '@jupyterlab/galata';
import { appendFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { newNotebook, output } from './notebook';
import { execute, expectAccessible, openPanel, picture, row } from './screen';

const EXAMPLE = join(__dirname, '../../examples/pipeline');
const LONG = { timeout: 60_000 };

/** The example's first step, and one that reads what it left once the test lets it. */
const pipeline = (gate: string) => `\
type: pipeline
display_name: flowers
settings:
  default_compute: local
inputs:
  flowers:
    type: uri_file
    path: data/iris.csv
  note: first
jobs:
  split:
    component: components/split.yml
    inputs:
      flowers: \${{parent.inputs.flowers}}
  count:
    command: >-
      until [ -e "${gate}" ]; do sleep 0.1; done;
      echo "\${{inputs.note}}: $(grep -c setosa "\${{inputs.data}}/flowers.csv") setosa"
    inputs:
      data: \${{parent.jobs.split.outputs.train}}
      note: \${{parent.inputs.note}}
`;

/** The view of a pipeline, and the node of a step in its graph. */
async function open(page: Page, name: string) {
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  const graph = view.getByRole('group', { name: /^Graph of 2 steps/ });
  await expect(graph).toBeVisible(LONG);
  const node = (step: string) => graph.locator(`[data-step="${step}"]`);
  return { view, node };
}

test('steps hand on what they made; run again, what is unchanged is reused', async ({
  page
}, { retry, repeatEachIndex }) => {
  const attempt = `${retry}${repeatEachIndex}`;
  const folder = join(process.env.JUPYTER_AML_UI_ROOT!, `steps-${attempt}`);
  const gate = join(folder, 'go');
  cpSync(EXAMPLE, folder, { recursive: true });
  writeFileSync(join(folder, 'two.yml'), pipeline(gate));
  // What an attempt before this one made is not to be reused.
  appendFileSync(join(folder, 'src/split.py'), `# attempt ${attempt}\n`);
  const [first, second] = [`flowers-${attempt}-a`, `flowers-${attempt}-b`];
  const create = `%aml job create -f ${folder}/two.yml`;
  await newNotebook(
    page,
    'steps.ipynb',
    `${create} --name ${first}`,
    `${create} --name ${second} --set inputs.note=second`
  );
  await page.notebook.runCell(0, true);
  await expect(output(page, 0)).toContainText(first, LONG);

  const panel = await openPanel(page);
  await expect(row(panel, 'Jobs', first)).toContainText('pipeline', LONG);
  const one = await open(page, first);
  await expect(one.node('split')).toContainText('Completed', LONG);
  await expect(one.node('count')).toContainText('Running', LONG);
  await expect(one.view.getByText(/^1 of 2 steps completed/)).toBeVisible(LONG);
  writeFileSync(gate, '');
  await expect(one.node('count')).toContainText('Completed', LONG);
  await expect(row(panel, 'Jobs', first)).toContainText('Completed', LONG);
  await one.view.getByRole('button', { name: 'List' }).click();
  await expect(one.view.getByRole('table', { name: 'Steps' })).toContainText(
    'split.train'
  );
  await one.view.getByRole('button', { name: 'Graph' }).click();
  await one.node('count').click();
  const step = page.locator('.aml-view:visible');
  await step.getByRole('tab', { name: 'Logs' }).click();
  await expect(step.getByRole('log')).toContainText('first: 40 setosa', LONG);

  await page.notebook.activate('steps.ipynb');
  await page.notebook.runCell(1, true);
  await expect(output(page, 1)).toContainText(second, LONG);
  const two = await open(page, second);
  await expect(two.node('split')).toContainText(
    `reused from ${first}-split`,
    LONG
  );
  await expect(two.node('count')).toContainText('Completed', LONG);
  await expect(
    two.view.getByText('2 of 2 steps completed, 1 reused')
  ).toBeVisible(LONG);
  await picture(page, 'real-pipeline-light');
  await expectAccessible(page, '.aml-view');
  await two.node('count').click();
  await expect(step.getByRole('log')).toContainText('second: 40 setosa', LONG);
});
