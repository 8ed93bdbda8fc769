/** Schedules in the panel, and the dialog that makes one, with a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import type { components } from '../../src/api';
import { AGO, FakeService, job } from './fake';
import {
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';

type Schemas = components['schemas'];

test.use({ autoGoto: false });

const SPEC = {
  type: 'command',
  command: 'python train.py',
  compute: 'local'
} as Schemas['CommandJob'];

function schedule(
  name: string,
  fields: Partial<Schemas['Schedule']> = {}
): Schemas['Schedule'] {
  return {
    name,
    displayName: '',
    trigger: {
      type: 'recurrence',
      frequency: 'day',
      timeZone: 'UTC',
      schedule: { hours: [7], minutes: [0] }
    },
    job: SPEC,
    enabled: true,
    createdAt: AGO(90_000),
    updatedAt: AGO(90_000),
    since: AGO(90_000),
    nextRunAt: AGO(-7200),
    runs: [],
    warnings: [],
    ...fields
  };
}

function run(
  jobName: string,
  hours: number,
  error: Schemas['ErrorBody'] | null = null
): Schemas['ScheduleRun'] {
  const at = AGO(3600 * hours);
  return { due: at, madeAt: at, job: jobName, error, missed: 0, byHand: false };
}

const REFUSED = {
  code: 'NotFound',
  message: 'There is no compute gpu-cluster.'
} as Schemas['ErrorBody'];

test('schedules: their runs, their actions, and a new one', async ({
  page
}) => {
  const fake = new FakeService();
  fake.jobs.push(
    job('train', {
      type: 'command',
      status: 'Completed',
      compute: 'local',
      startedAt: AGO(3620),
      endedAt: AGO(3600)
    })
  );
  fake.wholeJobs['train'] = { spec: { ...SPEC, displayName: 'train' } };
  fake.answers['/schedules'] = {
    value: [
      schedule('nightly-train', { runs: [run('train', 1), run('older', 25)] }),
      schedule('score-weekly', {
        enabled: false,
        nextRunAt: null,
        trigger: { type: 'cron', expression: '0 6 * * 1', timeZone: 'UTC' }
      }),
      schedule('on-the-gpu', { runs: [run('', 2, REFUSED)] })
    ]
  };
  fake.answers['POST /schedules/preview'] = {
    value: ['2026-11-23T07:00:00Z', '2026-11-24T07:00:00Z'],
    warnings: []
  };
  await fake.install(page);
  await page.goto('');
  const panel = await openPanel(page);
  const nightly = row(panel, 'Schedules', 'nightly-train');
  await expect(nightly).toContainText('every day at 07:00');
  await expect(nightly).toContainText('last Completed 1 h ago');
  await expect(row(panel, 'Schedules', 'score-weekly')).toContainText(
    /Disabled.*every Monday at 06:00/
  );
  await expect(row(panel, 'Schedules', 'on-the-gpu')).toContainText(
    'There is no compute gpu-cluster.'
  );
  await nightly.press('ArrowRight');
  await expect(nightly.getByText('Time zone')).toBeVisible();
  await inThemes(page as never, async theme => {
    await picture(page, `schedules-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  await page.sidebar.setWidth(220, 'left');
  await expectNoOverflow(panel);
  await picture(page, 'schedules-narrow');
  await page.sidebar.setWidth(300, 'left');

  await nightly.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Disable Schedule' }).click();
  await expect
    .poll(() => fake.asked.map(one => one.request))
    .toContain('POST /schedules/nightly-train/disable');
  fake.change('schedule', 'nightly-train', {
    ...schedule('nightly-train'),
    enabled: false,
    nextRunAt: null
  });
  await expect(nightly).toContainText('Disabled');
  await nightly.press('Delete');
  const sure = page.getByRole('dialog', { name: 'Delete nightly-train?' });
  await sure.getByRole('button', { name: 'Keep it' }).click();

  await row(panel, 'Jobs', 'train').press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Schedule This Job…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Schedule train' });
  await expect(dialog.getByLabel('Name')).toHaveValue('train-schedule');
  await dialog.getByLabel('Unit').selectOption('week');
  await dialog.getByText('More: time zone').click();
  await dialog.getByLabel('Time zone').fill('UTC');
  await expect(
    dialog.getByText(/every week on Monday at 07:00, UTC/)
  ).toBeVisible();
  await expect(dialog.getByText(/Next: Mon.* 23.*Tue.* 24/)).toBeVisible();
  await inThemes(page as never, async theme => {
    await picture(page, `schedule-dialog-${theme}`);
    await expectAccessible(page, '.aml-schedule');
  });
  await dialog.getByLabel('By a cron line').check();
  await dialog.getByLabel(/^Minutes, hours/).fill('0 7 * *');
  await expect(dialog.getByText(/has five fields/)).toBeVisible();
  await dialog.getByLabel(/^Minutes, hours/).fill('*/15 * * * *');
  await dialog.getByRole('button', { name: 'Schedule job' }).click();
  await expect(dialog).toHaveCount(0);
  expect(fake.asked[fake.asked.length - 1]).toMatchObject({
    request: 'POST /schedules',
    body: {
      name: 'train-schedule',
      trigger: { type: 'cron', expression: '*/15 * * * *', timeZone: 'UTC' },
      job: { type: 'command', parent: '' }
    }
  });
});
