/**
 * The one front end of all widgets: it draws the HTML that the kernel made and escaped, keeps the
 * focus where it was, marks what a person chooses at once, and tells the kernel.
 *
 *   data-row     a row of a grid: arrows move, choosing sets `value` (or `selected`)
 *   data-do      a button: its action and its name are sent to the kernel
 *   data-set     a field: its value becomes the trait of that name
 *   data-choose  a link to a row of the grid
 *   data-key     finds an element again after it was drawn anew
 *   data-focus   has the focus when it appears: the safe answer of a question
 */

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

function render({ model, el }) {
  const root = document.createElement('div');
  root.className = 'aml aml-widget';
  root.setAttribute('role', 'region');
  root.setAttribute('aria-label', model.get('_label'));
  const body = document.createElement('div');
  body.className = 'aml-body-of-widget';
  const said = document.createElement('div');
  said.className = 'aml-hidden';
  said.setAttribute('role', 'status');
  root.append(body, said);
  el.append(root);

  // What a row of this widget's grid sets, if it has one.
  const chosen = ['value', 'selected'].find(
    name => typeof model.get(name) === 'string'
  );

  const rows = () => [...body.querySelectorAll('tr[data-row]')];
  const shownRows = () => rows().filter(row => !row.hidden);

  function mark() {
    const name = chosen ? model.get(chosen) : '';
    const shown = shownRows();
    const stop = shown.find(row => row.dataset.row === name) ?? shown[0];
    for (const row of rows()) {
      const isChosen = row.dataset.row === name;
      row.classList.toggle('sel', isChosen);
      row.setAttribute('aria-selected', String(isChosen));
      row.tabIndex = row === stop ? 0 : -1;
      const radio = row.querySelector('input[type="radio"]');
      if (radio) {
        radio.checked = isChosen;
      }
      for (const why of whyOf(row)) {
        why.classList.toggle('sel', isChosen);
      }
    }
  }

  function whyOf(row) {
    const name = CSS.escape(row.dataset.row);
    return body.querySelectorAll(`tr[data-of="${name}"]`);
  }

  /** Hide the rows that the filters leave out; a panel without filters hides none. */
  function filter() {
    if (!body.querySelector('.aml-filter')) {
      return;
    }
    const options = new Set(model.get('options'));
    for (const row of rows()) {
      row.hidden = !options.has(row.dataset.row);
      for (const why of whyOf(row)) {
        why.hidden = row.hidden;
      }
    }
    body.querySelector('.aml-none').hidden = options.size > 0;
    body.querySelector('.aml-count').textContent = model.get('_count');
    body.querySelector('.aml-price').innerHTML = model.get('_cost');
    for (const field of body.querySelectorAll('[data-set]')) {
      showField(field);
    }
  }

  function showField(field) {
    const value = model.get(field.dataset.set);
    if (field.type === 'radio') {
      field.checked = field.value === value;
    } else if (field.type === 'checkbox') {
      field.checked = value;
    } else if (field !== field.getRootNode().activeElement) {
      field.value = value; // never under the hands of who types
    }
  }

  /** Other options than before; who stood on a row that is left out stands on one that is shown. */
  function refine() {
    const row = root.getRootNode().activeElement?.closest('tr');
    filter();
    mark();
    if (row?.hidden && root.contains(row)) {
      const stop = shownRows().find(one => one.tabIndex === 0);
      const next = stop ?? body.querySelector('[data-set="search"]');
      next?.focus({ preventScroll: true });
    }
  }

  /** Has the focus where what had it is no more: the keyboard goes on from there. */
  function ground() {
    body.tabIndex = -1;
    return body;
  }

  function draw() {
    const active = root.getRootNode().activeElement;
    const hadFocus = root.contains(active);
    const key = hadFocus ? active.dataset.key : undefined;
    const caret = active?.type === 'search' ? active.selectionStart : null;
    const scrolled = body.querySelector('.aml-sizes')?.scrollTop ?? 0;
    const name = hadFocus ? active.dataset.name : undefined;
    const wasAsked = Boolean(body.querySelector('[data-focus]'));
    const open = [...body.querySelectorAll('details')].map(one => one.open);
    body.innerHTML = model.get('_body');
    body.querySelectorAll('details').forEach((one, index) => {
      one.open = open[index] ?? false;
    });
    filter();
    mark();
    const sizes = body.querySelector('.aml-sizes');
    if (sizes) {
      sizes.scrollTop = scrolled;
    }
    const again =
      (!wasAsked && body.querySelector('[data-focus]')) ||
      (key && body.querySelector(`[data-key="${CSS.escape(key)}"]`)) ||
      (name && body.querySelector(`[data-name="${CSS.escape(name)}"]`)) ||
      (hadFocus && ground());
    if (again) {
      again.focus({ preventScroll: true });
    }
    if (caret !== null && again.type === 'search') {
      again.setSelectionRange(caret, caret);
    }
  }

  function choose(row) {
    if (!row || !chosen || row.getAttribute('aria-disabled') === 'true') {
      return;
    }
    model.set(chosen, row.dataset.row);
    model.save_changes();
    mark();
  }

  function go(row) {
    if (row) {
      choose(row);
      row.focus();
      row.scrollIntoView({ block: 'nearest' });
    }
  }

  function onClick(event) {
    const link = event.target.closest('[data-choose]');
    const button = event.target.closest('[data-do]');
    const row = event.target.closest('tr[data-row]');
    if (link) {
      go(rows().find(one => one.dataset.row === link.dataset.choose));
    } else if (button) {
      model.send({ do: button.dataset.do, name: button.dataset.name ?? '' });
    } else if (row) {
      go(row);
    }
  }

  function onKey(event) {
    if (event.key === '/' && event.target.tagName !== 'INPUT') {
      const search = body.querySelector('[data-set="search"]');
      search?.focus();
      if (search) {
        event.preventDefault();
      }
      return;
    }
    const row = event.target.closest('tr[data-row]');
    // A control inside of the row has its keys for itself.
    if (!row || event.target.closest('button')) {
      return;
    }
    const all = shownRows();
    const at = all.indexOf(row);
    const last = all.length - 1;
    if (event.key in STEPS) {
      go(all[Math.max(0, Math.min(last, at + STEPS[event.key]))]);
    } else if (event.key === 'Home' || event.key === 'End') {
      go(all[event.key === 'Home' ? 0 : last]);
    } else if (event.key === ' ') {
      choose(row);
    } else if (event.key === 'Enter') {
      choose(row);
      model.send({ do: 'use', name: row.dataset.row });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // the notebook has these keys, too
  }

  function onInput(event) {
    const field = event.target.closest('[data-set]');
    if (field) {
      const isBox = field.type === 'checkbox';
      model.set(field.dataset.set, isBox ? field.checked : field.value);
      model.save_changes();
    }
  }

  function onMessage(message) {
    if (typeof message.copy === 'string') {
      // Not there without https; the code is in the message, too.
      navigator.clipboard?.writeText(message.copy).catch(() => {});
    }
  }

  const say = () => {
    said.textContent = model.get('_said');
  };
  const heard = {
    'change:_body': draw,
    'change:options': refine,
    'change:_cost': filter,
    'change:_count': filter,
    'change:_said': say,
    'msg:custom': onMessage
  };
  if (chosen) {
    heard[`change:${chosen}`] = mark;
  }
  for (const [event, handler] of Object.entries(heard)) {
    model.on(event, handler);
  }
  body.addEventListener('click', onClick);
  body.addEventListener('keydown', onKey);
  body.addEventListener('input', onInput);
  draw();

  return () => {
    for (const [event, handler] of Object.entries(heard)) {
      model.off(event, handler);
    }
  };
}

export default { render };
