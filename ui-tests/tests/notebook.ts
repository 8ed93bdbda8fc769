/** Cells that run on a real service: written, run, waited for and let go by the journeys. */
import { expect, IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { APIRequestContext, Locator, Page } from '@playwright/test';

/**
 * A cell that counts until a test lets it go: however slow the machine is, it still runs when the
 * test comes back.
 */
export const COUNT = `\
import pathlib, time
number = 0
while not pathlib.Path("go").exists():
    print("tick", number, flush=True)
    number += 1
    time.sleep(0.1)
print("ended after", number)
number * 100`;

const READY = /Python 3 \(ipykernel\) \| Idle/;
const LONG = { timeout: 60_000 };

/** A notebook whose cells hold `sources`, as typed by somebody, with a kernel that waits. */
export async function newNotebook(
  page: IJupyterLabPageFixture,
  name: string,
  ...sources: string[]
): Promise<void> {
  await page.notebook.createNew(name);
  await expect(page.getByText(READY)).toBeVisible(LONG);
  for (const source of sources.slice(1)) {
    await page.notebook.addCell('code', source.split('\n')[0]);
  }
  // Typing would be helped by the editor, which indents and closes brackets.
  await page.evaluate(texts => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        shell: {
          currentWidget: {
            content: {
              widgets: {
                model: { sharedModel: { setSource(text: string): void } };
              }[];
            };
          };
        };
      };
    };
    const { widgets } = jupyterapp.shell.currentWidget.content;
    texts.forEach((text, index) =>
      widgets[index].model.sharedModel.setSource(text)
    );
  }, sources);
}

/** A cell that is in sight; the order of the page's elements is not that of the cells. */
export function cell(page: Page, index: number): Locator {
  const all = page.locator(
    `.jp-NotebookPanel:visible .jp-Cell[data-windowed-list-index="${index}"]`
  );
  // While a page is being built two cells may have the same index for a moment.
  return all.first();
}

/** What a cell's outputs say, also of a cell that is out of sight. */
export async function savedOutput(page: Page, index: number): Promise<string> {
  return page.evaluate(number => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        shell: {
          currentWidget: {
            content: {
              widgets: { model: { outputs: { toJSON(): unknown } } }[];
            };
          };
        };
      };
    };
    const { widgets } = jupyterapp.shell.currentWidget.content;
    return JSON.stringify(widgets[number].model.outputs.toJSON());
  }, index);
}

export function output(page: Page, index: number): Locator {
  return cell(page, index).locator('.jp-Cell-outputArea');
}

export function strip(page: Page, index: number): Locator {
  return cell(page, index).locator('.aml-run');
}

export function prompt(page: Page, index: number): Locator {
  return cell(page, index).locator('.jp-InputArea-prompt');
}

/** Press the button on the cell's toolbar. */
export async function runOnCompute(
  page: IJupyterLabPageFixture,
  index: number
): Promise<void> {
  await page.notebook.selectCells(index);
  await page
    .locator('.jp-cell-toolbar [data-command="jupyter-aml:run-cell"]')
    .click();
}

/** Start COUNT in the first cell, and wait until the page shows that it counts. */
export async function startCounting(
  page: IJupyterLabPageFixture
): Promise<void> {
  await runOnCompute(page, 0);
  await expect(output(page, 0)).toContainText('tick 3', LONG);
}

/** Wait for a tick that is printed from now on. */
export async function expectAnotherTick(out: Locator): Promise<void> {
  const seen = ticksIn(await out.innerText());
  await expect(out).toContainText(`tick ${seen.length + 2}\n`, LONG);
}

/** Let the cells of the notebooks in `folder` end. */
export async function letGo(
  request: APIRequestContext,
  folder: string
): Promise<void> {
  const made = await request.put(`/api/contents/${folder}/go`, {
    data: { type: 'file', format: 'text', content: '' }
  });
  expect(made.ok()).toBe(true);
}

/** The cell ended, and each tick is there once, in order: nothing lost, nothing doubled. */
export async function expectWhole(out: Locator): Promise<void> {
  await expect(out).toContainText('ended after', LONG);
  const text = await out.innerText();
  const count = Number(/ended after (\d+)/.exec(text)?.[1]);
  expect(ticksIn(text)).toEqual(
    Array.from({ length: count }, (_, index) => index)
  );
  await expect(out).toContainText(`${count * 100}`);
}

function ticksIn(text: string): number[] {
  return Array.from(text.matchAll(/tick (\d+)/g), match => Number(match[1]));
}
