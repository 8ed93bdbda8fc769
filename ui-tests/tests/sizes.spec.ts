/** The size list: search, choose, price, quota, create and edit, by mouse and by keyboard. */
import { expect, IJupyterLabPageFixture, test } from '@jupyterlab/galata';
import { AGO, compute, costs, job, NOW } from './fake';
import { expectAccessible, inThemes, openPanel, picture, row } from './screen';
import { sizes } from './scenes/sizes';

test.use({ autoGoto: false });

const RECEIPT = {
  size: 'local',
  nodes: 1,
  seconds: 60,
  peakMemoryBytes: 11e9,
  cpuSeconds: 100
};

/** A new notebook in front; its path. */
async function openNotebook(page: IJupyterLabPageFixture): Promise<string> {
  await page.notebook.createNew();
  return page.evaluate(() => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        shell: { currentWidget: { context: { path: string } } };
      };
    };
    return jupyterapp.shell.currentWidget.context.path;
  });
}

test('choose a size with its price, create, and edit what is there', async ({
  page
}) => {
  const fake = sizes();
  await fake.install(page);
  await page.goto();
  const notebook = await openNotebook(page);
  for (const count of [1, 2, 3]) {
    const name = `past-${count}`;
    const since = AGO(900 * count);
    fake.wholeJobs[name] = { receipt: RECEIPT };
    fake.change(
      'job',
      name,
      job(name, {
        status: 'Completed',
        createdAt: since,
        startedAt: since,
        endedAt: AGO(900 * count - 60),
        notebook
      })
    );
  }
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'New Compute…' }).click();
  const form = page.getByRole('dialog', { name: 'New cluster' });
  await expect(form.getByRole('searchbox')).toBeFocused();
  await expect(form.getByText('5 of 5 sizes')).toBeVisible();
  const grid = form.getByRole('grid');
  // The cheapest that holds 11 GB with room: what this notebook's runs took.
  await expect(grid.locator('[data-size=Standard_DS3_v2]')).toContainText(
    'Recommended'
  );
  await expect(form.getByText(/fits the last 3 runs of this/)).toBeVisible();
  const t4 = grid.locator('[data-size=Standard_NC4as_T4_v3]');
  await expect(t4).toContainText('24 of 32');
  await expect(t4).toContainText('3 to 5 min');
  const grey = grid.locator('[data-size=Standard_NC64as_T4_v3]');
  await expect(grey).toHaveAttribute('aria-disabled', 'true');
  await expect(grey).toHaveAccessibleDescription(/Needs 64 cores, 24 left/);
  await form.getByRole('button', { name: 'Ask for quota…' }).click();
  const quota = page.getByRole('dialog', { name: 'More cores for NC64as' });
  await expect(quota).toContainText('It needs 64 cores; 24 of 32 are left');
  await expect(quota).toContainText('quota_family_cores = 72');
  await expect(quota).toContainText('.jupyter_aml/service_config.py');
  await picture(page, 'quota-light');
  await expectAccessible(page, 'dialog.aml-edit');
  await page.keyboard.press('Escape');
  await expect(quota).toBeHidden();
  await form.getByRole('button', { name: 'NC4as_T4_v3' }).click();
  await expect(t4).toHaveAttribute('aria-selected', 'true');
  const box = form.locator('.aml-cost-box');
  await form.getByLabel('Nodes, max').fill('4');
  await expect(box).toContainText('$2.10');
  await expect(box).toContainText('$50.50');
  await expect(box).toContainText('Your budget stops it at $20.00 a day.');
  await expect(box).toContainText('nothing is charged');
  await expect(
    form.getByText('4 nodes need 16 cores of the 24 left.')
  ).toBeVisible();
  await inThemes(page, async theme => {
    await picture(page, `sizes-${theme}`);
    await expectAccessible(page, 'dialog');
  });
  await form.getByLabel('Nodes, max').fill('7');
  await expect(form.getByText('it needs 28 cores, 24 are left')).toBeVisible();
  await expect(
    form.getByRole('button', { name: 'Create cluster' })
  ).toBeDisabled();
  await form.getByLabel('Low priority').check();
  await expect(box).toContainText('$0.74');
  await form.getByLabel('Nodes, max').fill('4');
  await form.getByLabel('Name', { exact: true }).fill('gpu-2');
  await expect(form.getByText(/does not end in a dash/)).toBeVisible();
  await form.getByLabel('Name', { exact: true }).fill('gpu-cluster');
  await form.getByRole('button', { name: 'CLI', exact: true }).click();
  await expect(form.getByText('Copied')).toBeVisible();
  await form.getByRole('button', { name: 'Create cluster' }).click();
  await expect(form).toBeHidden();
  await expect(row(panel, 'Compute', 'gpu-cluster')).toBeVisible();

  await row(panel, 'Compute', 'gpu-cluster').press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Edit Compute…' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit gpu-cluster' });
  const change = edit.getByRole('button', { name: 'Change gpu-cluster' });
  await expect(change).toBeDisabled();
  await edit.getByLabel('Nodes, max').fill('2');
  await expect(
    edit.getByText('%aml compute update gpu-cluster --max-instances 2')
  ).toBeVisible();
  await picture(page, 'edit-light');
  await expectAccessible(page, 'dialog');
  await change.click();
  await expect(edit).toBeHidden();
  expect(fake.asked).toEqual([
    {
      request: 'POST /compute',
      body: {
        type: 'amlcompute',
        name: 'gpu-cluster',
        size: 'Standard_NC4as_T4_v3',
        minInstances: 0,
        maxInstances: 4,
        idleTimeBeforeScaleDown: 120,
        tier: 'low_priority'
      }
    },
    { request: 'PATCH /compute/gpu-cluster', body: { maxInstances: 2 } }
  ]);
});

test('by keyboard alone: search, arrows, Enter, Escape; a budget', async ({
  page
}) => {
  const fake = sizes();
  fake.computes.push(
    compute(
      { type: 'computeinstance', name: 'dev-box', size: 'Standard_DS3_v2' },
      { state: 'Running', currentNodes: 1, pricePerHour: 0.293 }
    )
  );
  fake.costs = costs({ ratePerHour: 0.29, spentToday: 1.5 });
  await fake.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const opener = panel.getByRole('button', { name: 'New Compute…' });
  await expect(opener).toBeEnabled();
  await opener.focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'New cluster' });
  await expect(form.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('t4');
  await expect(form.getByText('2 of 5 sizes')).toBeVisible();
  const rows = form.getByRole('grid').locator('tr[data-size]');
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1)).toBeFocused();
  await expect(rows.nth(1)).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Escape');
  await expect(form).toBeHidden();
  await expect(opener).toBeFocused();
  expect(fake.asked).toEqual([]);

  await page.keyboard.press('Enter');
  await expect(form.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('t4');
  await rows.first().focus();
  await page.keyboard.press('/');
  await expect(form.getByRole('searchbox')).toBeFocused();
  await rows.first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  await expect
    .poll(() => fake.asked[0])
    .toMatchObject({ body: { size: 'Standard_NC4as_T4_v3' } });

  await panel.getByRole('button', { name: 'Set a budget…' }).press('Enter');
  const budget = page.getByRole('dialog', { name: 'Budget' });
  await expect(
    budget.getByLabel('Dollars a day', { exact: true })
  ).toBeFocused();
  await page.keyboard.type('20');
  await picture(page, 'budget-light');
  await expectAccessible(page, 'dialog');
  await page.keyboard.press('Enter');
  await expect(budget).toBeHidden();
  await expect
    .poll(() => fake.asked[1])
    .toMatchObject({ request: 'PUT /preferences', body: { budgetPerDay: 20 } });
  fake.change(
    'costs',
    '',
    costs({
      ratePerHour: 0.29,
      spentToday: 19.5,
      budgetPerDay: 20,
      guard: {
        state: 'holding',
        seenAt: NOW(),
        message: 'No new paid work is taken; at $20.00 what costs is stopped.'
      }
    })
  );
  await expect(panel.locator('.aml-cost')).toContainText(
    /no new paid work.*\$19\.50 of \$20\.00 today, would be/s
  );
  await picture(page, 'panel-budget-light');

  await panel.getByRole('button', { name: /^More/ }).click();
  await picture(page, 'more-light');
  await page.getByRole('menuitem', { name: /^Keys/ }).click();
  await expect(page.getByRole('dialog', { name: /^Keys/ })).toBeVisible();
  await picture(page, 'keys-light');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
