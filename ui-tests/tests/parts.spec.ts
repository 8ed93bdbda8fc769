/** Jobs made of others, a sweep and a pipeline, with a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import type { components } from '../../src/api';
import { AGO, compute, FakeService, job } from './fake';
import {
  execute,
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';

type Schemas = components['schemas'];

test.use({ autoGoto: false });

function service(): FakeService {
  const fake = new FakeService();
  fake.computes.push(
    compute(
      {
        type: 'amlcompute',
        name: 'cpu-cluster',
        size: 'Standard_DS3_v2',
        tier: 'dedicated',
        minInstances: 0,
        maxInstances: 2
      },
      { currentNodes: 2, pricePerHour: 0.586, rehearsal: true }
    )
  );
  return fake;
}

const RATES = [0.2, 0.03, 0.0004, 0.008, 0.0011, 0.05, 0.002];

function trial(number: number): Schemas['Trial'] {
  const metric =
    0.94 - 0.08 * Math.abs(Math.log10((RATES[number] ?? 1) / 0.009));
  return {
    number,
    job: `tune_${number}`,
    status: 'Completed',
    parameters: {
      learning_rate: RATES[number] ?? 0,
      depth: 3 + ((number * 5) % 7),
      booster: number % 3 ? 'gbtree' : 'dart'
    },
    metric,
    reports: 20,
    best: number === 3,
    terminated: '',
    cause: '',
    startedAt: AGO(800 - 60 * number),
    endedAt: AGO(700 - 60 * number)
  };
}

function sweep(): FakeService {
  const fake = service();
  fake.jobs.push(
    job('tune', {
      type: 'sweep',
      compute: 'cpu-cluster',
      progress: 0.35,
      doing: '7 of 20 trials'
    }),
    job('tune_3', { parent: 'tune', status: 'Completed', listPrice: 0.02 })
  );
  fake.wholeJobs['tune'] = {
    spec: {
      type: 'sweep',
      compute: 'cpu-cluster',
      displayName: 'tune',
      command:
        'python train.py --lr ${{search_space.learning_rate}} --depth ${{search_space.depth}}',
      searchSpace: {
        learning_rate: { type: 'loguniform', minValue: -9, maxValue: -1 },
        depth: { type: 'quniform', minValue: 3, maxValue: 9, q: 1 },
        booster: { type: 'choice', values: ['gbtree', 'dart'] }
      },
      sampling: { type: 'random', rule: 'sobol' },
      objective: { goal: 'maximize', primaryMetric: 'accuracy' },
      limits: { maxTotalTrials: 20, maxConcurrentTrials: 2 },
      earlyTermination: { type: 'bandit', slackFactor: 0.1 }
    }
  };
  fake.wholeJobs['tune_3'] = {
    spec: {
      type: 'command',
      command: 'python train.py',
      compute: 'cpu-cluster',
      parent: 'tune'
    }
  };
  const value = RATES.map((_, number) => trial(number));
  Object.assign(value[2] ?? {}, {
    status: 'Canceled',
    metric: 0.81,
    terminated: 'accuracy 0.81 after 4 reports, the best had 0.91 by then'
  });
  Object.assign(value[5] ?? {}, {
    status: 'Failed',
    metric: null,
    cause: 'out of memory: 14.2 of 14 GB'
  });
  Object.assign(value[6] ?? {}, { status: 'Running', endedAt: null });
  fake.parts['tune/trials'] = {
    value,
    primaryMetric: 'accuracy',
    goal: 'maximize',
    total: 20,
    best: 'tune_3'
  } satisfies Schemas['TrialList'];
  return fake;
}

async function open(page: Page, fake: FakeService, name: string) {
  await fake.install(page);
  await page.goto('');
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('heading', { name, exact: true })).toBeVisible();
  return view;
}

test('a sweep: trials, the best of them, a plot, and the way back', async ({
  page
}) => {
  const view = await open(page, sweep(), 'tune');
  await expect(view.getByText('6 of 20 trials ended')).toBeVisible();
  const grid = view.getByRole('grid', { name: 'Trials' });
  await expect(grid.getByRole('row')).toHaveCount(10);
  await expect(grid).toContainText('the best had 0.91 by then');
  await expect(
    view.getByRole('img', { name: /accuracy of 6 trials.* best is trial 3/ })
  ).toBeVisible();
  await grid.locator('[data-trial="tune_1"]').click();
  await inThemes(page as never, async theme => {
    await picture(page, `sweep-${theme}`);
    await expectAccessible(page, '.aml-view');
  });

  await view.getByRole('button', { name: 'Parallel coordinates' }).click();
  await expect(
    view.getByRole('img', { name: /learning_rate, depth, booster/ })
  ).toBeVisible();
  await picture(page, 'sweep-parallel-light');
  await expectAccessible(page, '.aml-view');
  await page.setViewportSize({ width: 700, height: 900 });
  await picture(page, 'sweep-narrow-light');
  await page.setViewportSize({ width: 1440, height: 900 });

  await grid.getByRole('button', { name: 'accuracy' }).click();
  await grid.getByRole('button', { name: 'accuracy' }).click();
  await expect(grid.locator('[data-trial]').first()).toContainText('best');
  await grid.locator('[data-trial]').first().focus();
  await page.keyboard.press('End');
  await expect(grid.locator('[data-trial="tune_5"]')).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const shown = page.locator('.aml-view:visible');
  await expect(shown.getByRole('heading', { name: 'tune_3' })).toBeVisible();
  await picture(page, 'sweep-trial-light');
  await expectAccessible(page, '.aml-view');
  const back = shown.getByRole('navigation', { name: 'Part of' });
  await back.getByRole('button', { name: 'tune' }).click();
  await expect(grid).toBeVisible();
});

test('parts are below the whole in the panel', async ({ page }) => {
  const fake = sweep();
  fake.answers['/jobs'] = { value: fake.jobs.slice(0, 1), next: '' };
  await fake.install(page);
  await page.goto('');
  const panel = await openPanel(page);
  await expect(row(panel, 'Jobs', 'tune')).toContainText('sweep');
  await expect(row(panel, 'Jobs', 'tune_3')).toHaveCount(0);
  fake.answers['/jobs'] = { value: fake.jobs.slice(1), next: '' };
  await row(panel, 'Jobs', 'tune').press('ArrowRight');
  const parts = panel.getByRole('list', { name: 'Parts' });
  await expect(parts).toContainText('Completed');
  await expectAccessible(page, '#jupyter-aml-panel');
  await expectNoOverflow(panel);
  await parts.getByRole('button', { name: 'tune_3' }).click();
  await expect(
    page.locator('.aml-view:visible').getByRole('heading', { name: 'tune_3' })
  ).toBeVisible();
});
