const jestJupyterLab = require('@jupyterlab/testutils/lib/jest-config');

// Packages which ship ES modules only, so that Jest must transform them.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@microsoft/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const base = jestJupyterLab(__dirname);

module.exports = {
  ...base,
  moduleNameMapper: {
    ...base.moduleNameMapper,
    // Jest transforms no .mjs file; this is the same in one that it can read.
    '^d3-array$': '<rootDir>/node_modules/d3-array/dist/d3-array.js'
  },
  roots: ['<rootDir>/src'],
  automock: false,
  collectCoverageFrom: ['src/**/*.{ts,tsx}', '!src/**/*.d.ts', '!src/api.ts'],
  coverageReporters: ['text'],
  testRegex: 'src/.*__tests__/.*.spec.ts[x]?$',
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
