/** The one front end of the widgets in a notebook, which is no module of this package. */
type Front = {
  render(world: { model: object; el: HTMLElement }): () => void;
};
const front = (
  jest.requireActual('../../jupyter_aml/kernel/widgets/front/widget.js') as {
    default: Front;
  }
).default;

const TABLE = `\
<div class="aml-filter"><input type="search" data-set="search" data-key="search"></div>
<table>
  <tr data-row="grey" data-key="row/grey"></tr>
  <tr class="why" data-of="grey"><td><button data-choose="near">near</button></td></tr>
  <tr data-row="near" data-key="row/near"></tr>
</table>
<p class="aml-none"></p><span class="aml-count"></span><span class="aml-price"></span>
<button data-do="use" data-key="use">Use</button>`;

function make() {
  const heard = new Map<string, () => void>();
  const state: Record<string, unknown> = {
    _body: TABLE,
    _label: 'Sizes',
    options: ['grey'],
    search: '',
    value: ''
  };
  const model = {
    get: (name: string) => state[name],
    on: (event: string, handler: () => void) => heard.set(event, handler),
    off: () => undefined
  };
  const el = document.body.appendChild(document.createElement('div'));
  front.render({ model, el });
  const find = (selector: string) => el.querySelector<HTMLElement>(selector)!;
  /** As the kernel says it. */
  const become = (name: string, value: unknown) => {
    state[name] = value;
    heard.get(`change:${name}`)?.();
  };
  return { find, become };
}

beforeAll(() => {
  const page = globalThis as { CSS?: { escape?(text: string): string } };
  page.CSS = { escape: text => text, ...page.CSS };
});

describe('the focus in a widget', () => {
  it.each(['[data-row="grey"]', '[data-choose]'])(
    'goes on to a row that is shown when %s is left out',
    place => {
      const { find, become } = make();
      find(place).focus();
      become('options', ['near']);
      expect(document.activeElement).toBe(find('[data-row="near"]'));
    }
  );

  it('goes on to the search when no row is left', () => {
    const { find, become } = make();
    find('[data-row="grey"]').focus();
    become('options', []);
    expect(document.activeElement).toBe(find('[data-set="search"]'));
  });

  it('stays where it is while others are left out', () => {
    const { find, become } = make();
    find('[data-key="use"]').focus();
    become('options', ['near']);
    expect(document.activeElement).toBe(find('[data-key="use"]'));
  });

  it('stays in the widget when what had it is drawn no more', () => {
    const { find, become } = make();
    find('[data-key="use"]').focus();
    become('_body', '<p>Completed</p>');
    expect(document.activeElement).toBe(find('.aml-body-of-widget'));
  });
});
