/** The size list: search, choose, price, create, by mouse and by keyboard. */
import { expect, test } from '@jupyterlab/galata';
import type { components } from '../../src/api';
import { FakeService } from './fake';
import { expectAccessible, inThemes, openPanel, picture } from './screen';

test.use({ autoGoto: false });

type VmSize = components['schemas']['VmSize'];

function size(name: string, fields: Partial<VmSize>): VmSize {
  return {
    name,
    family: 'standardDSv2Family',
    vcpus: 4,
    memoryGb: 14,
    gpus: 0,
    gpuModel: '',
    diskGb: 28,
    pricePerHour: 0.293,
    lowPriorityPricePerHour: 0.059,
    priceAsOf: '2026-06-18',
    priceRegion: 'eastus',
    rehearsal: true,
    supportedComputeTypes: ['amlcompute', 'computeinstance'],
    available: true,
    reason: '',
    nearest: '',
    ...fields
  };
}

function service(): FakeService {
  const fake = new FakeService();
  const real = {
    family: 'local',
    rehearsal: false,
    pricePerHour: null,
    lowPriorityPricePerHour: null
  };
  fake.sizes = [
    size('Standard_DS3_v2', {}),
    size('Standard_NC4as_T4_v3', {
      vcpus: 4,
      memoryGb: 28,
      gpus: 1,
      gpuModel: 'T4, 16 GB',
      pricePerHour: 0.526,
      lowPriorityPricePerHour: 0.105,
      reason: 'rehearsal: 2 of 4 cores, no GPU here'
    }),
    size('Standard_NC64as_T4_v3', {
      vcpus: 64,
      memoryGb: 440,
      gpus: 4,
      gpuModel: 'T4, 16 GB',
      pricePerHour: 4.352,
      lowPriorityPricePerHour: 0.87,
      available: false,
      reason: 'Needs 64 cores, 24 left in this family.',
      nearest: 'Standard_NC4as_T4_v3'
    }),
    size('local.1cpu-2gb', { ...real, vcpus: 1, memoryGb: 2 }),
    size('local.2cpu-4gb', { ...real, vcpus: 2, memoryGb: 4 })
  ];
  return fake;
}

test('choose a size with its price, and create', async ({ page }) => {
  const fake = service();
  await fake.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await panel
    .getByRole('button', { name: 'New compute…', exact: true })
    .click();
  const form = page.getByRole('dialog', { name: 'New compute' });
  await expect(form.getByRole('searchbox')).toBeFocused();
  await expect(form.getByText('5 of 5 sizes')).toBeVisible();
  await expect(form.locator('.aml-cost-box')).toContainText('Free');
  await form.locator('[data-size=Standard_NC4as_T4_v3]').click();
  await expect(form.locator('.aml-cost-box')).toContainText('$1.05');
  await expect(form.locator('.aml-cost-box')).toContainText(
    'nothing is charged'
  );
  await inThemes(page, async theme => {
    await picture(page, `sizes-${theme}`);
    await expectAccessible(page, 'dialog');
  });
  await form.getByLabel('Low priority').check();
  await expect(form.locator('.aml-cost-box')).toContainText('$0.21');
  await form.getByLabel('Nodes, max').fill('4');
  await form.getByLabel('Name', { exact: true }).fill('gpu-2');
  await expect(
    form.getByRole('button', { name: 'Create cluster' })
  ).toBeDisabled();
  await form.getByLabel('Name', { exact: true }).fill('gpu-cluster');
  await form.getByRole('button', { name: 'Create cluster' }).click();
  await expect(form).toBeHidden();
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
    }
  ]);
});

test('by keyboard alone: search, arrows, Enter', async ({ page }) => {
  const fake = service();
  await fake.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await panel
    .getByRole('button', { name: 'New compute…', exact: true })
    .focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'New compute' });
  await expect(form.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('t4');
  await expect(form.getByText('2 of 5 sizes')).toBeVisible();
  const rows = form.getByRole('grid').locator('tr[data-size]');
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1)).toBeFocused();
  await expect(rows.nth(1)).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('ArrowUp');
  await expect(rows.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('/');
  await expect(form.getByRole('searchbox')).toBeFocused();
  await rows.first().focus();
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  expect(fake.asked[0]).toMatchObject({
    body: { size: 'Standard_NC4as_T4_v3' }
  });
});

test('Escape changes nothing and gives the focus back', async ({ page }) => {
  const fake = service();
  await fake.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const opener = panel.getByRole('button', {
    name: 'New compute…',
    exact: true
  });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(opener).toBeFocused();
  expect(fake.asked).toEqual([]);
});
