/** A machine of one's own in the panel: what it is, and how it is let go. */
import { expect, test } from '@jupyterlab/galata';
import { compute, FakeService, job } from './fake';
import {
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';

test.use({ autoGoto: false });

function withMachine(): FakeService {
  const service = new FakeService();
  service.computes.push(
    compute(
      { type: 'attached', name: 'lab-box' },
      {
        state: 'Running',
        currentNodes: 1,
        runningJobs: 1,
        machine: {
          cores: 8,
          memoryBytes: 32 * 2 ** 30,
          diskFreeBytes: 90 * 2 ** 30,
          system: 'Linux x86_64',
          python: '3.11.2',
          address: 'ana@lab1'
        }
      }
    )
  );
  service.jobs.push(job('train', { compute: 'lab-box', type: 'command' }));
  return service;
}

test('an attached machine is detached, never deleted', async ({ page }) => {
  const service = withMachine();
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const machine = row(panel, 'Compute', 'lab-box');
  await expect(machine).toContainText('Running');
  await expect(panel.getByText('on machines of your own')).toBeVisible();
  await machine.press('ArrowRight');
  await expect(panel.getByText('ana@lab1')).toBeVisible();
  await expect(panel.getByText('Linux x86_64, Python 3.11.2')).toBeVisible();
  await inThemes(page, async theme => {
    await picture(page, `attached-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
    await expectNoOverflow(panel);
  });

  await machine.press('Delete');
  const dialog = page.getByRole('dialog', { name: 'Detach lab-box?' });
  await expect(dialog).toContainText('train is running or waiting on it');
  await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await expectAccessible(page, 'dialog');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect(service.asked).toEqual([]);

  await machine.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Detach Compute…' }).click();
  await dialog.getByRole('button', { name: 'Detach, cancel 1 job' }).click();
  await expect
    .poll(() => service.asked.map(one => one.request))
    .toEqual(['POST /compute/lab-box/detach']);
});
