/**
 * The widgets of a notebook, live in a browser: chosen by mouse and by keyboard, linked, following
 * a real job to its end, and leaving a picture that needs no kernel.
 */
import { expect, test } from '@jupyterlab/galata';
import { newNotebook, output, prompt, savedOutput } from './notebook';
import { execute, expectAccessible, picture } from './screen';

const LONG = { timeout: 60_000 };

const PICKER = `\
import jupyter_aml as aml
from ipywidgets import Label, link
picker = aml.widgets.SizePicker(gpu=True, nodes=4)
label = Label()
link((picker, "value"), (label, "value"))
display(picker, label)`;

// It runs until the test lets it go.
const MONITOR = `\
client = aml.connect()
job = client.jobs.create(aml.job_of_test)
monitor = aml.widgets.JobMonitor(job)
monitor`;

const JOB = `\
import pathlib, sys
from jupyter_aml.model.job import CommandJob
go = pathlib.Path("go").absolute()
program = f"""
import jupyter_aml as aml, pathlib, time
for step in aml.progress(range(20), desc="epoch"):
    time.sleep(0.15)
    while step == 7 and not pathlib.Path({str(go)!r}).exists():
        time.sleep(0.05)
"""
pathlib.Path("train.py").write_text(program)
aml.job_of_test = CommandJob(
    command=f"{sys.executable} train.py", display_name="train <b>resnet</b>",
    cwd=str(pathlib.Path.cwd()), python=sys.executable)`;

test('choose a size by mouse, by search and by keyboard', async ({ page }) => {
  await newNotebook(page, 'sizes.ipynb', PICKER, 'print(picker.value)');
  await page.notebook.runCell(0, true);
  const out = output(page, 0);
  const grid = out.getByRole('grid', { name: 'VM sizes' });
  const label = out.locator('.widget-label');
  // By its own name: other rows name it too, as the nearest that can be had.
  const size = (name: string) => grid.locator(`[data-row="Standard_${name}"]`);
  await expect(grid.getByRole('row', { selected: true })).toHaveCount(1);
  await expect(out.locator('.aml-count')).toHaveText(/^\d+ of \d+ sizes$/);

  await size('NC8as_T4_v3').click();
  await expect(label).toHaveText('Standard_NC8as_T4_v3');
  await expect(out.locator('.aml-price')).toContainText('$3.01 per hour');

  await size('NC8as_T4_v3').press('ArrowDown');
  await expect(label).not.toHaveText('Standard_NC8as_T4_v3');
  await page.keyboard.press('/');
  // One that the quota leaves no room for is there, grey, and cannot be taken.
  await page.keyboard.type('h100 80');
  await expect(out.locator('.aml-count')).toHaveText(/^1 of /);
  const grey = size('NC80adis_H100_v5');
  await expect(grey).toHaveAttribute('aria-disabled', 'true');
  await grey.click({ force: true });
  await expect(label).not.toHaveText('Standard_NC80adis_H100_v5');
  await out.getByRole('searchbox').fill('nc24ads');
  await expect(out.locator('.aml-count')).toHaveText(/^1 of /);
  const only = size('NC24ads_A100_v4');
  await expect(only).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(only).toBeFocused();
  await page.keyboard.press('Space');
  await expect(label).toHaveText('Standard_NC24ads_A100_v4');

  await picture(page, 'widget-sizes-light');
  await expectAccessible(page, '.aml-widget');
  await page.notebook.runCell(1, true);
  await expect(output(page, 1)).toHaveText(/Standard_NC24ads_A100_v4/);

  // What is on the page stays there when the kernel is another one.
  const restarted = execute(page, 'kernelmenu:restart');
  await page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
  await restarted;
  await expect(only).toBeVisible();
});

test('a job is followed to its end, and its picture stays', async ({
  page,
  request,
  tmpPath
}) => {
  await newNotebook(
    page,
    'monitor.ipynb',
    'import jupyter_aml as aml',
    JOB,
    MONITOR,
    'panel = aml.widgets.ComputePanel()\nmeter = aml.widgets.CostMeter()\ndisplay(panel, meter)'
  );
  for (const index of [0, 1, 2, 3]) {
    await page.notebook.runCell(index, true);
    await expect(prompt(page, index)).toHaveText(`[${index + 1}]:`, LONG);
  }
  const out = output(page, 2);
  const stages = out.getByRole('list', { name: 'Stages' });
  await expect(out).toContainText('epoch', LONG);
  await expect(out.getByText('train <b>resnet</b>')).toBeVisible();
  await expect(stages.locator('[aria-current="step"]')).toContainText(
    'Running'
  );
  await expect(output(page, 3).getByRole('grid')).toContainText('local');
  await picture(page, 'widget-job-light');
  await page.theme.setDarkTheme();
  await picture(page, 'widget-job-dark');
  await expectAccessible(page, '.aml-widget');

  const made = await request.put(`/api/contents/${tmpPath}/go`, {
    data: { type: 'file', format: 'text', content: '' }
  });
  expect(made.ok()).toBe(true);
  await expect(out).toContainText('Completed', LONG);
  await expect(out.getByRole('button')).toHaveCount(0);
  const saved = await savedOutput(page, 2);
  expect(saved).toContain('Completed');
  expect(saved).not.toContain('widget-view');
});

test('cancel from the widget ends the job', async ({ page }) => {
  await newNotebook(
    page,
    'cancel.ipynb',
    'import jupyter_aml as aml',
    JOB,
    MONITOR
  );
  for (const index of [0, 1, 2]) {
    await page.notebook.runCell(index, true);
  }
  const out = output(page, 2);
  await out.getByRole('button', { name: 'Cancel' }).click(LONG);
  await expect(out).toContainText('Canceled', LONG);
});
