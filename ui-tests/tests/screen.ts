/** What every look at a screen asks: its picture for people, and what a machine can check. */
import AxeBuilder from '@axe-core/playwright';
import { expect, IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

export type Theme = 'light' | 'dark' | 'hc';

const THEMES: Record<Theme, string> = {
  light: 'JupyterLab Light',
  dark: 'JupyterLab Dark',
  hc: 'JupyterLab Dark High Contrast'
};

/** Change the theme and run `look` in each. */
export async function inThemes(
  page: IJupyterLabPageFixture,
  look: (theme: Theme) => Promise<void>
): Promise<void> {
  for (const theme of ['light', 'dark', 'hc'] as const) {
    await page.theme.setTheme(THEMES[theme]);
    await look(theme);
  }
  await page.theme.setTheme(THEMES.light);
}

/** A picture into ui-tests/screenshots, for people; nothing is compared. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `screenshots/${name}.png` });
}

/** No violation that axe knows, colours included, in the part of the page that is ours. */
export async function expectAccessible(
  page: Page,
  selector: string
): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .include(selector)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const found = violations.flatMap(violation =>
    violation.nodes.map(
      one => `${violation.id}: ${one.html} ${one.failureSummary ?? ''}`
    )
  );
  expect(found).toEqual([]);
}

/** No part of a row, a title or a message reaches beyond the panel. */
export async function expectNoOverflow(area: Locator): Promise<void> {
  const overflow = () =>
    area.evaluate(node =>
      Array.from(
        node.querySelectorAll(
          '.aml-row > *, .aml-h > *, .aml-msg *, .aml-cost > *'
        )
      )
        .filter(one => {
          const box = one.getBoundingClientRect();
          const limit = node.getBoundingClientRect().right + 1;
          return box.width > 0 && box.right > limit;
        })
        .map(one => one.outerHTML.slice(0, 120))
    );
  // Some parts are drawn anew once they are told of their new width.
  await expect.poll(overflow).toEqual([]);
}

/** Nothing in `area` is beyond its edge or cut off where no scrollbar leads to it. */
export async function expectReachable(area: Locator): Promise<void> {
  await expect
    .poll(() =>
      area.evaluate(root => {
        const edge = root.getBoundingClientRect();
        const cut: string[] = [];
        const all = root.querySelectorAll<HTMLElement>('*');
        for (const one of [root as HTMLElement, ...Array.from(all)]) {
          const { overflowX, overflowY, textOverflow, position } =
            getComputedStyle(one);
          const box = one.getBoundingClientRect();
          // What is for screen readers alone is drawn as a dot.
          const isSeen = box.width > 1 && box.height > 1;
          if (!isSeen || textOverflow === 'ellipsis') {
            continue;
          }
          const isWide =
            overflowX === 'hidden' && one.scrollWidth > one.clientWidth + 1;
          const isTall =
            overflowY === 'hidden' && one.scrollHeight > one.clientHeight + 1;
          let scroller: HTMLElement | null = one.parentElement;
          while (
            scroller !== root &&
            scroller &&
            getComputedStyle(scroller).overflowX === 'visible'
          ) {
            scroller = scroller.parentElement;
          }
          const isOut =
            scroller === root &&
            position !== 'absolute' &&
            (box.right > edge.right + 1 || box.left < edge.left - 1);
          if (isWide || isTall || isOut) {
            cut.push(one.outerHTML.slice(0, 160));
          }
        }
        return cut;
      })
    )
    .toEqual([]);
}

/** Run a command of JupyterLab by its id. */
export async function execute(
  page: Page,
  command: string,
  args: Record<string, string> = {}
): Promise<void> {
  await page.evaluate(
    async ([id, given]) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: {
          commands: { execute(id: string, args: object): Promise<void> };
        };
      };
      await jupyterapp.commands.execute(id, given);
    },
    [command, args] as const
  );
}

export async function openPanel(page: Page): Promise<Locator> {
  await execute(page, 'jupyter-aml:open-panel');
  const panel = page.locator('#jupyter-aml-panel');
  await expect(panel).toBeVisible();
  return panel;
}

/** A row of one of the panel's lists, by the list's label and the row's name. */
export function row(panel: Locator, list: string, name: string): Locator {
  return panel
    .getByRole('treegrid', { name: list })
    .locator(`[data-row="${name}"]`);
}
