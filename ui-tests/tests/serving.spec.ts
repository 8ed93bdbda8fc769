/** From a cell's variable to an address that answers, and back, over a real service. */
import { expect, test } from '@jupyterlab/galata';
import type { APIRequestContext, Locator } from '@playwright/test';
import { newNotebook, output } from './notebook';
import { expectAccessible, openPanel, picture, row } from './screen';

const API = '/jupyter-aml/api/v1';
const NAME = 'ui-adder';
const MORE = 'ui-adder-more';
const DATA = 'ui-table';
const LIST = 'Models & endpoints';
const LONG = { timeout: 60_000 };

const MODEL = `\
class Adder:
    def __init__(self, more):
        self.more = more
    def predict(self, rows):
        return [sum(row) + self.more for row in rows]

zero, ten = Adder(0), Adder(10)
%aml model create ${NAME} --from zero --sample [[1,2]]
%aml model create ${MORE} --from ten --sample [[1,2]]`;

/** What an earlier attempt left is deleted, so that each begins the same. */
async function deleteEndpoint(request: APIRequestContext): Promise<void> {
  await request.delete(`${API}/online-endpoints/${NAME}`);
  await expect
    .poll(async () => {
      const list = await request.get(`${API}/online-endpoints`);
      return (await list.json()).value;
    }, LONG)
    .toEqual([]);
}

/** Begin with what is in the dialog. */
async function deploy(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
  await expect(dialog).toHaveCount(0);
}

test.beforeEach(({ request }) => deleteEndpoint(request));
test.afterEach(({ request }) => deleteEndpoint(request));

test('a variable becomes an address that answers, blue becomes green', async ({
  page
}) => {
  await newNotebook(page, 'serving.ipynb', MODEL);
  await page.notebook.runCell(0, true);
  await expect(output(page, 0)).toContainText(MORE, LONG);

  const panel = await openPanel(page);
  const model = panel.getByRole('row', { name: new RegExp(`^${NAME} v`) });
  await expect(model).toContainText('Registered', LONG);
  await model.getByRole('button', { name: 'Deploy…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Deploy a model' });
  await expect(dialog.getByLabel('Its name')).toHaveValue(NAME);
  await deploy(dialog);
  const endpoint = row(panel, LIST, `endpoint/${NAME}`);
  await expect(endpoint).toContainText('Healthy', LONG);
  await expect(endpoint).toContainText('blue 100 %', LONG);

  const view = page.locator('.aml-view');
  const request = view.getByRole('textbox', { name: /^Request/ });
  await expect(request).toHaveValue(/\[1, 2\]/, LONG);
  await request.press('Control+Enter');
  await expect(view).toContainText('200 OK', LONG);
  await expect(view.locator('.aml-answer + pre')).toContainText('3');
  await view.getByLabel('What is logged').selectOption('requests');
  await expect(view.getByRole('log')).toContainText('POST /score 200', LONG);
  await expect(view.getByRole('table').first()).toContainText('blue');
  await picture(page, 'real-endpoint-light');
  await expectAccessible(page, '.aml-view');

  await view.getByRole('button', { name: 'Deploy…' }).click();
  await dialog.getByLabel(/No traffic yet/).check();
  const more = dialog.getByRole('option', { name: MORE });
  await dialog
    .getByRole('combobox', { name: 'Model' })
    .selectOption(await more.getAttribute('value'));
  await deploy(dialog);
  await view
    .getByRole('combobox', { name: 'to', exact: true })
    .selectOption('green');
  await expect(
    view.getByRole('button', { name: 'Roll out green safely' })
  ).toBeEnabled(LONG);
  await view.getByRole('button', { name: 'Send' }).click();
  await expect(view.locator('.aml-answer + pre')).toContainText('13', LONG);
  const slider = view.getByRole('slider', { name: 'Traffic to blue, percent' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(endpoint).toContainText('green 100 %', LONG);

  await model.press('Enter');
  const shown = page.locator('.aml-view:visible');
  await shown.getByRole('button', { name: `${NAME}/blue` }).click();

  await endpoint.press('Delete');
  const sure = page.getByRole('dialog', { name: `Delete ${NAME}?` });
  await expect(sure).toContainText('2 deployments are deleted');
  await sure.getByRole('button', { name: `Delete ${NAME}` }).click();
  await expect(endpoint).toHaveCount(0, LONG);
  await expect(shown).toContainText('There is no endpoint of this name.', LONG);
});

test('data is found in the panel and looked into', async ({
  page,
  request
}) => {
  await request.put('/api/contents/ui-table.csv', {
    data: {
      type: 'file',
      format: 'text',
      content: 'name,value\none,1\ntwo,2\n'
    }
  });
  const path = `${process.env.JUPYTER_AML_UI_ROOT}/ui-table.csv`;
  const made = await request.post(`${API}/data`, {
    data: { name: DATA, path }
  });
  expect(made.ok()).toBe(true);

  const panel = await openPanel(page);
  await panel.getByRole('button', { name: /Data & environments/ }).click();
  const data = row(panel, 'Data', `${DATA}:1`);
  await expect(data).toContainText('Registered', LONG);
  await data.press('Enter');
  const view = page.locator('.aml-view');
  await view.getByRole('button', { name: 'ui-table.csv' }).click();
  await expect(view.getByRole('cell', { name: 'two' })).toBeVisible();
  await picture(page, 'real-data-light');
  await expectAccessible(page, '.aml-view');
});
