import { replaceText } from '../cellaccess';

describe('a text of a cell that is replaced', () => {
  it.each([
    [`pd.read_csv('a.csv')`, `pd.read_csv('data/a.csv')`],
    [`x = "a.csv"; y = 'a.csv'`, `x = "data/a.csv"; y = 'data/a.csv'`],
    [`# a.csv`, null],
    [`open('aa.csv')`, null]
  ])('%s', (source, expected) => {
    expect(replaceText(source, 'a.csv\ndata/a.csv')).toBe(expected);
  });
});
