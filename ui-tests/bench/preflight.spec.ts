/** How soon the strip under a `%%aml` cell is there: from choosing the cell, on a real service. */
import { test } from '@jupyterlab/galata';
import { newNotebook, prompt } from '../tests/notebook';

const ROUNDS = 20;
const CELL = '%%aml -c local\nprint("sum", table.sum())';

/** Milliseconds until the strip is in the page, and until it knows of the variables. */
interface IRound {
  shown: number;
  whole: number;
}

test('the strip before a run', async ({ page }) => {
  await newNotebook(page, 'strip.ipynb', 'table = range(1000)', CELL);
  await page.notebook.runCell(0);
  const rounds: IRound[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await prompt(page, 0).click();
    await page.locator('.aml-preflight').waitFor({ state: 'detached' });
    // Measured in the page: the test's own way to the browser is not the person's.
    const measured = await page.evaluate(
      () =>
        new Promise<IRound>(resolve => {
          const { jupyterapp } = window as unknown as {
            jupyterapp: {
              shell: {
                currentWidget: { content: { activeCellIndex: number } };
              };
            };
          };
          const begin = performance.now();
          let shown = 0;
          const look = () => {
            const text =
              document.querySelector('.aml-preflight .aml-strip')
                ?.textContent ?? '';
            shown ||= text ? performance.now() - begin : 0;
            if (text.includes('table')) {
              resolve({ shown, whole: performance.now() - begin });
            } else {
              requestAnimationFrame(look);
            }
          };
          jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
          requestAnimationFrame(look);
        })
    );
    if (round > 0) {
      rounds.push(measured); // the first loads the strip's code
    } else {
      console.log(`the first: ${words([measured.shown, measured.whole])}`);
    }
  }
  const sorted = (pick: (round: IRound) => number) =>
    rounds.map(pick).sort((one, other) => one - other);
  const shown = sorted(round => round.shown);
  const whole = sorted(round => round.whole);
  const at = (times: number[]) => [
    times[Math.floor(times.length / 2)],
    times[times.length - 1]
  ];
  console.log(`shown, median and longest: ${words(at(shown))}`);
  console.log(`with the variables, median and longest: ${words(at(whole))}`);
});

function words(times: number[]): string {
  return times.map(time => `${time.toFixed(0)} ms`).join(', ');
}
