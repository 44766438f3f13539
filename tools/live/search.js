// What a beam keeps and drops, what chance draws, and what a Transformer says without one of its
// parts.
'use strict';

// Each part: what is taken, what to expect, and what the lab measured when training went without.
const brokenParts = [
  {id: 'whole', name: 'nothing', without: [], why: 'The model as it was trained.'},
  {id: 'mask', name: 'the causal mask', without: ['mask'],
    why: 'Translating a word at a time there is nothing to hide, so the words stay. But shown ' +
      'the whole translation at once, each word now sees those after it, which it never ' +
      'learnt to do: the loss below rises. Trained without the mask it learns to copy the ' +
      'next word: the lab’s loss fell to 0.018, and 0.4 % of its translations were right, ' +
      'of 85 % with the mask (S6).'},
  {id: 'still', name: 'the count of positions in decoding', without: [], still: true,
    why: 'The trap that the book’s own code falls into: decoding a word at a time, every word ' +
      'believes that it is the first. The model loses its place and goes round in circles. ' +
      'Trained without positions, sentences with two nouns or more lose 50 points of exact ' +
      'match (S4).'},
  {id: 'scaling', name: 'the division of scores by √d', without: ['scaling'],
    why: 'Scores are 5.7 times as large and the softmax takes the best key alone. A trained ' +
      'model hardly minds; it is learning that suffers: at d = 512 the entropy of fresh ' +
      'weights is 0.04 of what is possible without the scale, 0.89 with it (S5).'},
  {id: 'residual', name: 'the residual connections', without: ['residual'],
    why: 'Each layer now hands on what it found, and forgets what it was given: nothing is ' +
      'left of the words. Without residuals twelve layers end 2.1 nats higher than with ' +
      'them (N2).'},
  {id: 'head', name: 'a head', without: [], head: true,
    why: 'What the head found is put to zero. Most heads are not missed, some are. Four heads ' +
      'are worth 1.7 points of exact match more than one (S7).'}];
let brokenPart = brokenParts[0];

function headChoices() {
  const pick = (id, label, options) => element('label', {}, `${label} `, element('select', {id,
    onchange: showBroken}, ...options.map(([value, text]) => element('option', {value}, text))));
  return element('span', {class: 'controls', id: 'head-choices', hidden: true},
    pick('head-where', 'Attention', [['cross', 'to the source'], ['self', 'to the words so far'],
      ['encoder', 'within the source']]),
    pick('head-layer', 'Layer', [[0, '1'], [1, '2']]),
    pick('head-number', 'Head', [[0, '1'], [1, '2'], [2, '3'], [3, '4']]));
}

function showBroken() {
  const source = page.sentence, whole = seat(2), into = seatOf.broken, samples = 40;
  $('head-choices').hidden = !brokenPart.head;
  tried($('broken'), () => {
    const head = brokenPart.head ? {attention: $('head-where').value, layer: +$('head-layer').value,
      head: +$('head-number').value} : null;
    page.engine.ask({do: 'break', model: whole, into, without: brokenPart.without,
      still: Boolean(brokenPart.still), head});
    const asked = brokenPart.id === 'whole' ? [['whole', whole]]
      : [['whole', whole], ['broken', into]];
    $('broken').replaceChildren(...asked.map(([name, model]) => {
      const told = page.engine.ask({do: 'translate', model, source, align: true});
      const {right} = page.engine.ask({do: 'held out', model, count: samples, length: 0, seed: 5});
      const loss = told.loss === undefined ? ''
        : ` Loss of the grammar’s translation, shown at once: ${number(told.loss)} nats a word.`;
      return element('div', {class: 'column transformer'},
        element('h3', {}, name === 'whole' ? 'Whole' : `Without ${brokenPart.name}`),
        element('p', {class: 'said-words', lang: 'fr'},
          ...sentenceOf(told.words.slice(0, 40))),
        element('p', {class: 'facts'}, `${right} of ${samples} new sentences right.${loss}`),
        ...told.weights && told.words.length <= 20 ? [map(told)] : []);
    }));
  });
}

function chooseBroken(part) {
  brokenPart = part;
  showBroken();
  announce($('broken').lastChild.innerText.slice(0, 200));
}

function startBreaking() {
  $('parts').append(...brokenParts.map((part) => element('div', {class: 'part'},
    element('label', {}, element('input', {type: 'radio', name: 'part', value: part.id,
      checked: part === brokenPart, 'aria-describedby': `why-${part.id}`,
      onchange: () => chooseBroken(part)}), ` ${part.name}`),
    element('span', {class: 'why', id: `why-${part.id}`}, part.why))), headChoices());
}

// --- the beam

const fates = {kept: 'kept', ended: 'ended', dropped: 'dropped'};

// Of each step what is kept or ended, and the best three that are dropped.
function levels(steps) {
  let parents = [{y: 0}];
  return steps.map((step, t) => {
    const dropped = step.filter((it) => it.fate === 'dropped')
      .sort((a, b) => b.log_prob - a.log_prob).slice(0, 3);
    const shown = step.filter((it) => it.fate !== 'dropped' || dropped.includes(it))
      .sort((a, b) => b.log_prob - a.log_prob);
    const nodes = shown.map((it, y) => ({...it, t: t + 1, y, parent: parents[it.from]}));
    // Those kept stand in the order of the beam: best first, as the next step counts them.
    parents = nodes.filter((it) => it.fate === 'kept');
    return nodes;
  });
}

function tree(told) {
  const wide = 118, high = 22, all = levels(told.steps);
  const most = Math.max(...all.map((nodes) => nodes.length));
  const width = wide * (all.length + 1), height = high * most + 16;
  const svg = drawn('svg', {class: 'tree', width, height, viewBox: `0 0 ${width} ${height}`,
    role: 'img', 'aria-label': 'The beam, step by step: ' + all.map((nodes, t) => `${t + 1}: ` +
      nodes.map((it) => `${it.word} ${fates[it.fate]}`).join(', ')).join('; ')});
  const x = (t) => 8 + t * wide, y = (node) => 18 + node.y * high;
  svg.append(drawn('text', {x: 8, y: 18}, 'begin'));
  for (const node of all.flat()) {
    const group = drawn('g', {class: `fate-${node.fate}`});
    if (node.parent) group.append(drawn('line', {x1: x(node.t - 1) + 62, y1: y(node.parent) - 4,
      x2: x(node.t) - 4, y2: y(node) - 4}));
    group.append(drawn('text', {x: x(node.t), y: y(node)}, node.word.slice(0, 13),
      drawn('title', {}, `${node.word}: ${percent(Math.exp(node.log_p))} of this step, ` +
        `log P ${number(node.log_prob)}, ${fates[node.fate]}`)));
    svg.append(group);
  }
  return svg;
}

function foundTable(found) {
  const cells = (tag, items) => items.map((item) =>
    element(tag, tag === 'th' ? {scope: 'col'} : {}, item));
  return element('table', {}, element('caption', {}, 'What the beam found, best first'),
    element('tr', {}, ...cells('th', ['translation', 'log P', 'score'])),
    ...found.map((it) => element('tr', {}, ...cells('td', [it.text, number(it.log_prob, 3),
      number(it.score, 3)]))));
}

function showBeam() {
  const width = +$('width').value, alpha = +$('alpha').value;
  $('width-shown').textContent = width;
  $('alpha-shown').textContent = alpha.toFixed(2);
  tried($('tree'), () => {
    if (!page.sentence.trim()) return $('tree').replaceChildren();
    const told = page.engine.ask({do: 'beam', model: seat(+$('beam-model').value), width, alpha,
      source: page.sentence});
    $('tree').replaceChildren(tree(told));
    $('found').replaceChildren(foundTable(told.found));
    page.found = told.found;
  });
}

// --- chance

let drawing = 1;
function showDrawn() {
  const temperature = +$('temperature').value, top = +$('top-k').value;
  $('temperature-shown').textContent = temperature;
  $('top-k-shown').textContent = top === 0 ? 'all' : top;
  tried($('drawn'), () => {
    if (!page.sentence.trim()) return $('drawn').replaceChildren();
    $('drawn').replaceChildren(...Array.from({length: 5}, () => {
      const told = page.engine.ask({do: 'sample', model: seat(+$('chance-model').value),
        temperature, top_k: top, seed: drawing++, source: page.sentence});
      return element('li', {}, element('span', {lang: 'fr'}, told.text),
        element('span', {class: 'facts'}, `  log P ${number(told.log_prob)}`));
    }));
  });
}

// Parts below the columns wait until the reader pauses: a key stroke is for the columns.
let pause = 0;
function startSearching() {
  modelChoices($('beam-model'));
  modelChoices($('chance-model'));
  startBreaking();
  for (const id of ['beam-model', 'width', 'alpha']) $(id).addEventListener('input', showBeam);
  for (const id of ['chance-model', 'temperature', 'top-k'])
    $(id).addEventListener('input', showDrawn);
  $('draw').addEventListener('click', showDrawn);
  document.addEventListener('sentence', () => {
    clearTimeout(pause);
    pause = setTimeout(() => { showBeam(); showDrawn(); showBroken(); }, 250);
  });
}
