// Run through `make test-browser` (tools/browser_tests.sh), which gives each run a free port, a
// home and Jupyter folders of its own.
const baseConfig = require('@jupyterlab/galata/lib/playwright-config');

const port = process.env.JUPYTER_AML_UI_PORT;
if (!port || !process.env.JUPYTER_AML_UI_ROOT) {
  throw new Error('Run the browser tests with `make test-browser`.');
}
const isRoot = process.getuid?.() === 0;

module.exports = {
  ...baseConfig,
  testDir: 'tests',
  outputDir: 'test-results',
  reporter: [['list'], ['html', { open: 'never' }]],
  // One browser at a time: the journeys share one compute service.
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: {
    ...baseConfig.use,
    baseURL: `http://localhost:${port}`,
    viewport: { width: 1440, height: 900 },
    // Playwright's recorder is a download of its own.
    video: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: isRoot ? ['--no-sandbox', '--disable-dev-shm-usage'] : []
    }
  },
  webServer: {
    command: `jupyter lab --config jupyter_server_test_config.py${isRoot ? ' --allow-root' : ''}`,
    url: `http://localhost:${port}/lab`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 }
  }
};
