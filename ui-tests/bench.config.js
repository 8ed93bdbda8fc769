// Measurements, never tests: `tools/browser_tests.sh --config bench.config.js`.
const config = require('./playwright.config');

module.exports = {
  ...config,
  testDir: 'bench',
  retries: 0,
  timeout: 300_000,
  reporter: [['list']]
};
