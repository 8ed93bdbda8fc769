/** Models, endpoints and data in the panel and in the main area, over a service in our hands. */
import { expect, test } from '@jupyterlab/galata';
import { FakeService } from './fake';
import {
  execute,
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';
import { ENDPOINT, serve } from './scenes/endpoint';

test.describe('endpoints', () => {
  test.use({ autoGoto: false });
  let fake: FakeService;

  test.beforeEach(async ({ page }) => {
    fake = new FakeService();
    await serve(fake);
    await fake.install(page);
    await page.goto();
  });

  test('the panel lists them, with who answers', async ({ page }) => {
    const panel = await openPanel(page);
    const endpoint = row(panel, 'Models & endpoints', 'endpoint/churn');
    await expect(endpoint).toContainText('Healthy');
    await expect(
      endpoint.getByRole('img', { name: 'blue 90, green 10 %' })
    ).toBeVisible();
    const model = row(panel, 'Models & endpoints', 'model/churn-xgb:4');
    await expect(model).toContainText('Registered');
    await expect(model.getByRole('button', { name: 'Deploy…' })).toBeVisible();
    const title = panel.getByRole('button', { name: /Data & environments/ });
    await expect(title).toContainText('1 data');
    await title.click();
    await expect(row(panel, 'Data', 'calls:2')).toContainText('12 files');
    await expectNoOverflow(panel);
    await expectAccessible(page, '#jupyter-aml-panel');
  });

  test('the view says how it does, and tries it', async ({ page }) => {
    await openPanel(page);
    await execute(page, 'jupyter-aml:open-endpoint', { name: 'churn' });
    const view = page.locator('.aml-view');
    await expect(view).toContainText('requests/s');
    await expect(view).toContainText('Safe rollout, step 1 of 3');
    await expect(view).toContainText('errors pass 1 %');
    await expect(view).toContainText('init(): model loaded in 0.41 s');
    await expect(view.getByLabel('Request, the sample')).toHaveValue(/tenure/);
    await view.getByRole('button', { name: 'Send' }).click();
    await expect(view).toContainText('200 OK');
    await expect(view).toContainText('0.8127');
    await inThemes(page, async theme => {
      await picture(page, `endpoint-${theme}`);
      await expectAccessible(page, '.aml-view');
    });
    await view.getByRole('button', { name: 'Back to blue' }).click();
    await expect
      .poll(() => fake.asked.map(one => one.request))
      .toContain('POST /online-endpoints/churn/cancel-rollout');
  });

  test('a request that is not JSON is not sent', async ({ page }) => {
    await openPanel(page);
    await execute(page, 'jupyter-aml:open-endpoint', { name: 'churn' });
    const view = page.locator('.aml-view');
    await view.getByLabel('Request, the sample').fill('{');
    await expect(view.getByRole('button', { name: 'Send' })).toBeDisabled();
    await expect(view.getByText(/Not JSON/)).toBeVisible();
  });

  test('a rollout copies first; then traffic is shared by keyboard', async ({
    page
  }) => {
    await openPanel(page);
    const rollout = { ...ENDPOINT.rollout!, mirror: 20, step: -1 };
    fake.change('endpoint', 'churn', {
      ...ENDPOINT,
      traffic: { blue: 100 },
      mirrorTraffic: { green: 20 },
      rollout
    });
    await execute(page, 'jupyter-aml:open-endpoint', { name: 'churn' });
    await expect(page.locator('.aml-view')).toContainText(
      'Safe rollout, step 1 of 4'
    );
    const stages = page.locator('.aml-stages');
    await expect(stages.getByRole('listitem')).toHaveText([
      /Mirror 20 %.*next step in/,
      /Live 10 %.*in/,
      /Live 50 %.*in/,
      /All to green.*in/
    ]);
    await expect(stages.locator('[aria-current=step]')).toContainText('Mirror');
    fake.change('endpoint', 'churn', {
      ...ENDPOINT,
      rollout: { ...rollout, step: 0 }
    });
    await expect(stages.locator('[aria-current=step]')).toContainText('Live');
    await expect(stages.getByRole('listitem').first()).toContainText('done');
    fake.change('endpoint', 'churn', { ...ENDPOINT, rollout: null });
    const slider = page.getByRole('slider', { name: /Traffic to blue/ });
    await expect(slider).toBeEnabled(); // the rollout has let go of it
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => fake.asked.find(one => one.request.startsWith('PATCH')))
      .toEqual({
        request: 'PATCH /online-endpoints/churn',
        body: { traffic: { blue: 89, green: 11 } }
      });
  });

  test('a model is deployed beside what serves', async ({ page }) => {
    const panel = await openPanel(page);
    const model = row(panel, 'Models & endpoints', 'model/churn-xgb:4');
    await model.getByRole('button', { name: 'Deploy…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy a model' });
    await dialog.getByLabel('Endpoint').selectOption('churn');
    await expect(dialog.getByLabel('Deployment name')).toHaveValue('red');
    await expect(dialog.getByLabel(/Safe rollout/)).toBeChecked();
    await expect(dialog).toContainText('Needs scikit-learn==1.5.1');
    await dialog.getByLabel('Instances, max').fill('3');
    await expect(dialog).toContainText('$0.88');
    await dialog.getByRole('button', { name: 'Rehearse' }).click();
    await expect(dialog).toContainText('Starts in 400 ms, uses 180 MB');
    await expect(dialog).toContainText('blue, which serves now, says the same');
    fake.asked.length = 0;
    await inThemes(page, async theme => {
      await picture(page, `deploy-${theme}`);
      await expectAccessible(page, '.aml-dlg');
    });
    await dialog.getByLabel('Instances, min').fill('9');
    await expect(
      dialog.getByRole('button', { name: 'Deploy', exact: true })
    ).toBeDisabled();
    await dialog.getByLabel('Instances, min').fill('1');
    await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
    await expect
      .poll(() => fake.asked.find(one => one.request.startsWith('POST')))
      .toEqual({
        request: 'POST /online-endpoints/churn/deployments',
        body: {
          name: 'red',
          endpointName: 'churn',
          model: 'azureml:churn-xgb:4',
          instanceType: 'Standard_DS3_v2',
          scaleSettings: { minInstances: 1, maxInstances: 3 }
        }
      });
  });
});
