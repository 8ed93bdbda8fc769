const jestJupyterLab = require('@jupyterlab/testutils/lib/jest-config');

// Packages which ship ES modules only, so that Jest must transform them.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft/',
  'd3-array',
  'exenv-es6',
  'internmap',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  ...jestJupyterLab(__dirname),
  roots: ['<rootDir>/src'],
  automock: false,
  collectCoverageFrom: ['src/**/*.{ts,tsx}', '!src/**/*.d.ts', '!src/api.ts'],
  coverageReporters: ['text'],
  testRegex: 'src/.*__tests__/.*.spec.ts[x]?$',
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
