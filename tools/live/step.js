// One word of the translation at a time, with the numbers behind it: what `babelgrad explain`
// tells.
'use strict';
const step = {walk: null, source: null, model: 2, time: 1, panels: []};

// Which steps are shown, in this order. `before`: told once, before the first word.
const shownSteps = {
  rnn: [['embedding y'], ['context c', 'before'], ['reset gate r'], ['update gate z'],
    ['candidate n'], ['state h'], ['logits'], ['probabilities p']],
  attention: [['query q'], ['keys K', 'before'], ['values V', 'before'], ['scores a'],
    ['attention weights'], ['context c'], ['state h'], ['logits'], ['probabilities p']],
  transformer: [['queries Q', 'block'], ['keys K', 'block'], ['values V', 'block'],
    ['scores', 'block'], ['attention weights', 'block'], ['context', 'block'],
    ['block output', 'layer'], ['logits'], ['probabilities p']]};

const decoder = (test) => step.walk.steps.filter((it) => it.side === 'decoder' && test(it));

// Rows of numbers of one head, or of all there is.
function rowsOf(it, head) {
  const shape = it.shape, columns = shape.at(-1), rows = shape.at(-2);
  const offset = shape.length === 3 ? head * rows * columns : 0;
  return Array.from({length: rows}, (_, r) =>
    it.values.slice(offset + r * columns, offset + (r + 1) * columns));
}

// The step of that name, as {step, rows, names}. Keys and values of the words so far are those of
// all steps until now; those of the source were computed before the first word.
function found([name, where]) {
  const layer = +$('step-layer').value, head = +$('step-head').value, kind = $('step-kind').value;
  const full = where === 'block' ? `${kind}: ${name}` : name;
  const inLayer = (it) => where === 'block' || where === 'layer' ? it.layer === layer
    : it.layer <= 1;
  const all = decoder((it) => it.name === full && inLayer(it) &&
    (it.time === step.time || it.time === 0 || /keys|values/.test(name) && it.time < step.time));
  if (all.length === 0) return null;
  const rows = all.flatMap((it) => rowsOf(it, head)), it = all.at(-1);
  const source = step.walk.source.map(({token}) => token);
  const read = step.walk.words.map(({reads}) => reads).slice(0, step.time);
  const names = rows.length === 1 ? [read.at(-1)] : rows.length === source.length ? source : read;
  return {step: it, rows, names};
}

const columnNames = ({step: it, rows}) => it.axes.at(-1) === 'words' ? null
  : it.axes.at(-1) === 'source tokens' ? step.walk.source.map(({token}) => token)
    : it.axes.at(-1) === 'target tokens'
      ? step.walk.words.map(({reads}) => reads).slice(0, rows[0].length) : [];

// Of a whole vocabulary the eight likeliest words.
function likeliest(panel) {
  const best = [...panel.rows[0].keys()].sort((a, b) => panel.rows[0][b] - panel.rows[0][a]);
  const ids = best.slice(0, 8), told = step.walk.words[step.time - 1].best;
  const name = (id) => step.words?.[id] ?? told.find((w) => w.id === id)?.word ?? `word ${id}`;
  return {...panel, rows: [ids.map((id) => panel.rows[0][id])], labels: ids.map(name), ids,
    all: panel.rows[0]};
}

function table(panel, at) {
  const {step: it, rows, names} = panel;
  const labels = panel.labels ?? columnNames(panel), tight = labels.length === 0;
  const most = Math.max(...rows.flat().map(Math.abs), 1e-9);
  const made = element('table', {class: tight ? 'grid tight' : 'grid', role: 'grid',
    'aria-label': `${it.name}, ${rows.length} by ${rows[0].length}`});
  made.append(element('caption', {}, `${it.name}: ${it.meaning}`));
  if (!tight) made.append(element('tr', {}, element('td'), ...labels.map((label) =>
    element('th', {scope: 'col'}, label))));
  rows.forEach((row, r) => made.append(element('tr', {}, element('th', {scope: 'row'}, names[r]),
    ...row.map((x, c) => {
      const cell = element('td', {role: 'gridcell', tabindex: r + c === 0 ? 0 : -1,
        'data-panel': at, 'data-row': r, 'data-column': c, 'aria-label':
        `${names[r]}, ${labels[c] ?? `unit ${c + 1}`}: ${number(x, 3)}`},
      tight ? '' : number(x, 2));
      const share = Math.round(70 * Math.abs(x) / most);
      const hue = x < 0 ? '--wrong' : '--mark';
      cell.style.background = `color-mix(in srgb, var(${hue}) ${share}%, transparent)`;
      return cell;
    }))));
  return made;
}

const panelOf = (pattern) => step.panels.find((panel) => pattern.test(panel.step.name));
const cellsOf = (panel, row, column) => panel ? [...document.querySelectorAll(
  `[data-panel="${step.panels.indexOf(panel)}"]`)].filter((cell) =>
  (row === null || +cell.dataset.row === row) &&
  (column === null || +cell.dataset.column === column)) : [];
const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

// What made a number, as words, and the cells that light up.
function origin(panel, row, column) {
  const value = panel.rows[row][column], kind = panel.step.kind;
  const q = panelOf(/quer/), k = panelOf(/keys K/), v = panelOf(/values V/);
  const scores = panelOf(/scores/), weights = panelOf(/attention weights/);
  if (kind === 'score' && step.walk.model.model === 'transformer' && q && k) {
    const d = q.rows[0].length, sum = dot(q.rows[0], k.rows[column]);
    return [`${number(sum, 3)} / √${d} = ${number(sum / Math.sqrt(d), 3)}: the query times the ` +
      `key of “${k.names[column]}”`, [...cellsOf(q, 0, null), ...cellsOf(k, column, null)]];
  }
  if (kind === 'score' && k)
    return [`${number(value, 3)}: the query compared with the key of “${k.names[column]}”`,
      [...cellsOf(q, 0, null), ...cellsOf(k, column, null)]];
  if (kind === 'weight' && scores) {
    const most = Math.max(...scores.rows[0]);
    const sum = scores.rows[0].reduce((total, s) => total + Math.exp(s - most), 0);
    return [`exp(${number(scores.rows[0][column], 2)}) over the sum of all = ` +
      number(Math.exp(scores.rows[0][column] - most) / sum, 3), cellsOf(scores, 0, null)];
  }
  if (kind === 'context' && weights && v)
    return [`${number(dot(weights.rows[0], v.rows.map((r) => r[column])), 3)}: the weights times ` +
      `unit ${column + 1} of the values`,
    [...cellsOf(weights, 0, null), ...cellsOf(v, null, column)]];
  const last = panelOf(/block output|state h/);
  if (kind === 'logit' && last)
    return [`${number(value, 3)}: the row of W for “${panel.labels[column]}” times the ` +
      `${last.step.name} before it, and b`, cellsOf(last, 0, null)];
  const logits = panelOf(/logits/);
  if (kind === 'probability' && logits) {
    const most = Math.max(...logits.all);
    const sum = logits.all.reduce((total, s) => total + Math.exp(s - most), 0);
    return [`exp(${number(logits.all[panel.ids[column]], 2)}) over the sum of all ` +
      `${logits.all.length} = ${percent(Math.exp(logits.all[panel.ids[column]] - most) / sum)}`,
    cellsOf(logits, 0, null)];
  }
  const same = kind === 'gate' || kind === 'output'
    ? step.panels.filter((p) => p.step.kind === 'gate').flatMap((p) => cellsOf(p, 0, column)) : [];
  return [`${number(value, 4)}`, same];
}

function point(cell) {
  const panel = step.panels[+cell.dataset.panel];
  const row = +cell.dataset.row, column = +cell.dataset.column, it = panel.step;
  for (const lit of document.querySelectorAll('#stage .lit, #stage .here'))
    lit.classList.remove('lit', 'here');
  const [text, cells] = origin(panel, row, column);
  for (const lit of cells) lit.classList.add('lit');
  cell.classList.add('here');
  const place = (file, line) => `${file}:${line}`;
  const also = it.also.map(({what, file, line}) => `${what}: ${place(file, line)}`).join('; ');
  $('cell').replaceChildren(
    element('p', {}, element('strong', {}, it.name), ` — ${text}`),
    element('p', {class: 'equation'}, it.equation),
    element('p', {class: 'hint'}, (it.section ? `Section ${it.section}, ${it.title}. ` : '') +
      place(it.file, it.line) + (also ? ` (${also})` : '')));
}

// From cell to cell of a table by the arrow keys; Home and End are the ends of its row.
function move(event) {
  const cell = event.target.closest?.('[data-panel]');
  if (!cell || composing(event)) return;
  const {panel, row, column} = cell.dataset;
  const by = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0],
    ArrowDown: [1, 0]}[event.key];
  const to = event.key === 'Home' ? [row, 0]
    : event.key === 'End' ? [row, step.panels[panel].rows[0].length - 1]
      : by ? [+row + by[0], +column + by[1]] : null;
  if (!to) return;
  event.preventDefault();
  const next = cellsOf(step.panels[panel], +to[0], +to[1])[0];
  if (!next) return;
  cell.tabIndex = -1, next.tabIndex = 0;
  next.focus();
}

function showStep() {
  const kind = kinds[step.model], transformer = kind === 'transformer';
  for (const id of ['step-layer', 'step-head', 'step-kind']) $(id).disabled = !transformer;
  const word = step.walk.words[step.time - 1];
  step.panels = shownSteps[kind].map(found).filter(Boolean).map((panel) =>
    panel.step.axes.at(-1) === 'words' ? likeliest(panel) : panel);
  $('stage').replaceChildren(element('div', {class: 'panels'}, ...step.panels.map((panel, i) =>
    element('div', {class: 'scroll'}, table(panel, i)))));
  const done = step.walk.words.slice(0, step.time).map((w) => w.word);
  $('so-far').textContent = `Word ${step.time} of ${step.walk.words.length}: ` +
    `reads “${word.reads}”, writes “${word.word}” with probability ` +
    `${percent(word.probability)}. So far: ${words(done)}`;
  $('next').disabled = step.time >= step.walk.words.length;
  $('cell').replaceChildren(element('p', {class: 'hint'},
    'Point at a number, or go there with Tab and the arrow keys.'));
  announce(`Word ${step.time}: ${word.word}, probability ${percent(word.probability)}`, 0);
}

function walkAnew(time = 1) {
  tried($('stage'), () => {
    step.model = +$('step-model').value;
    const model = seat(step.model);
    step.walk = page.engine.ask({do: 'walk', model, source: page.sentence});
    step.words = page.engine.ask({do: 'said words', model}).words;
    step.source = page.sentence, step.seat = model, step.time = time;
    const {layers, heads} = step.walk.model;
    for (const [id, count] of [['step-layer', layers], ['step-head', heads]]) {
      const before = $(id).value;
      $(id).replaceChildren(...Array.from({length: count}, (_, i) => element('option',
        {value: id === 'step-layer' ? i + 1 : i, selected: i === count - 1 && id === 'step-layer'},
        `${i + 1}`)));
      if (before !== '' && +before < count) $(id).value = before;
    }
    showStep();
  });
}

function nextWord() {
  if (step.source !== page.sentence || !step.walk) walkAnew();
  else if (step.time < step.walk.words.length) { step.time++; showStep(); }
}

function startStepping() {
  modelChoices($('step-model'));
  $('step-layer').append(element('option', {value: 1}, '1'));
  $('step-head').append(element('option', {value: 0}, '1'));
  $('next').addEventListener('click', nextWord);
  $('restart').addEventListener('click', () => walkAnew());
  $('step-model').addEventListener('change', () => { if (step.walk) walkAnew(); });
  for (const id of ['step-layer', 'step-head', 'step-kind'])
    $(id).addEventListener('change', () => { if (step.walk) showStep(); });
  for (const type of ['pointerover', 'focusin'])
    $('stage').addEventListener(type, (event) => {
      const cell = event.target.closest?.('[data-panel]');
      if (cell) point(cell);
    });
  $('stage').addEventListener('keydown', move);
  document.addEventListener('sentence', () => {
    if (!step.walk || step.source === page.sentence && step.seat === seat(step.model)) return;
    step.walk = null;
    $('next').disabled = false;
    $('stage').replaceChildren();
    $('so-far').textContent = 'The sentence has changed; “Next word” begins anew.';
  });
}
