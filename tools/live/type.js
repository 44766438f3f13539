// A sentence is typed or drawn; three columns say what the models make of it.
'use strict';
let known = [];                                 // words that the models read
let chosen = -1;                                // of the completions offered
let drawSeed = 1;
const columns = [];                             // the parts of each column

function makeColumns() {
  $('columns').replaceChildren(...kinds.map((kind, i) => {
    const parts = {facts: element('p', {class: 'facts'}), said: element('p', {class: 'said-words',
      lang: 'fr'}), verdict: element('p', {class: 'verdict'}), map: element('div')};
    columns[i] = parts;
    return element('div', {class: `column ${kind}`},
      element('h3', {}, titles[kind]), parts.facts, parts.said, parts.verdict, parts.map);
  }));
}

function tellFacts() {
  kinds.forEach((kind, i) => {
    const {model, parameters, words: read} = page.engine.ask({do: 'vocabulary', model: seat(i)});
    const layers = model.layers === 1 ? '1 layer' : `${model.layers} layers`;
    columns[i].facts.textContent = `${model.model}, ${layers}, width ${model.hidden}, ` +
      `${count(parameters)} numbers${seat(i) === i ? '' : ', your own'}`;
    if (i === 0) known = read.toSorted();
  });
}

// Red alone would not be seen by all: a wrong word is underlined, and what is right stands beside
// it.
function shownWord({word, p, right, instead, p_instead: likely}) {
  const says = right === false
    ? instead ? `${word}: wrong; ${instead} is right, to which the model gave ${percent(likely)}`
      : `${word}: one word too many` : `${word}: probability ${percent(p)}`;
  const shown = element('span', {class: right === false ? 'word wrong' : 'word', title: says},
    word);
  if (right === false)
    shown.append(element('small', {}, instead ? `\u00a0(${instead}\u00a0${percent(likely)})`
      : '\u00a0(one too many)'));
  return shown;
}

// As French is written: no blank behind an apostrophe or before a full stop.
function sentenceOf(list) {
  return list.flatMap((word, i) => {
    const next = list[i + 1]?.word;
    const together = !next || /^[.,]$/.test(next) ||
      word.word.endsWith("'") && word.right !== false;
    return together ? [shownWord(word)] : [shownWord(word), ' '];
  });
}

const verdictOf = ({exact, grammar}) => exact === undefined ? '' : exact ? 'As the grammar has it.'
  : `The grammar: ${grammar.text}`;

// Where each word looked, as text for who does not see the drawing.
function mapText(told) {
  return told.words.map(({word}, t) => {
    const row = told.weights[t], best = row.indexOf(Math.max(...row));
    return `${word} from ${told.source[best]}`;
  }).join(', ');
}

function map(told) {
  const cell = 22, left = 92, top = 78, n = told.source.length, m = told.words.length;
  const svg = drawn('svg', {class: 'map',
    viewBox: `0 0 ${left + n * cell + 22} ${top + m * cell + 4}`,
    role: 'img', 'aria-label': `Alignment by ${told.by}: ${mapText(told)}`});
  told.source.forEach((word, s) => {
    const x = left + s * cell + 15;
    svg.append(drawn('text', {transform: `translate(${x} ${top - 6}) rotate(-50)`},
      word.slice(0, 14)));
  });
  told.words.forEach(({word}, t) => {
    const y = top + t * cell, row = drawn('g', {class: 'row'});
    row.append(drawn('text', {x: left - 6, y: y + 15, 'text-anchor': 'end'}, word.slice(0, 14)));
    told.weights[t].forEach((weight, s) => {
      const box = {x: left + s * cell + 1, y: y + 1, width: cell - 2, height: cell - 2};
      row.append(drawn('rect', {class: 'weight', ...box, 'fill-opacity': weight.toFixed(3)}),
        drawn('rect', {class: 'ground', ...box}, drawn('title', {},
          `${word}, ${told.source[s]}: ${number(weight)}`)));
    });
    svg.append(row);
  });
  for (const [s, t, sure] of told.exact ? told.grammar.links : [])
    svg.append(drawn('rect', {class: sure ? 'gold' : 'gold possible', x: left + s * cell + 1.5,
      y: top + t * cell + 1.5, width: cell - 3, height: cell - 3, rx: 3}));
  return svg;
}

function showColumn(i, told) {
  const {said, verdict, map: place} = columns[i];
  said.replaceChildren(...sentenceOf(told.words));
  verdict.textContent = verdictOf(told);
  verdict.className = `verdict ${told.exact ? 'good' : 'bad'}`;
  const by = told.by?.startsWith('occlusion') ? 'by occlusion' : told.by;
  place.replaceChildren(...told.weights ? [map(told), element('p', {class: 'facts'}, by)] : []);
}

function say(all) {
  const parts = all.map((told, i) => `${titles[kinds[i]]}: ${told.text ?? ''}` +
    (told.exact === undefined ? '' : told.exact ? ', right' : ', wrong'));
  announce(parts.join('. '));
}

function translate() {
  const source = $('sentence').value, start = performance.now();
  tried($('grammar'), () => {
    const all = kinds.map((kind, i) =>
      page.engine.ask({do: 'translate', model: seat(i), source, align: true}));
    all.forEach((told, i) => showColumn(i, told));
    page.spent = performance.now() - start;
    $('spent').textContent = `Three translations with alignments in ${page.spent.toFixed(0)} ms.`;
    const told = all[0], strange = told.source.filter((word, s) => !told.known[s]);
    $('unknown').textContent = strange.length === 0 ? ''
      : `Words that the models have never seen, read as unknown: ${strange.join(', ')}`;
    $('grammar').textContent = told.source.length === 0 ? '' : told.grammar
      ? `The grammar’s own translation: ${told.grammar.text}`
      : 'The grammar has not drawn this sentence here, so nothing is marked right or wrong.';
    say(all);
    page.sentence = source;
  });
  document.dispatchEvent(new Event('sentence'));
}

// --- completions of the word at the caret

function wordAtCaret() {
  const {value, selectionStart: caret} = $('sentence');
  const begin = value.lastIndexOf(' ', caret - 1) + 1;
  return {begin, caret, start: value.slice(begin, caret).toLowerCase()};
}

function offer() {
  const {start} = wordAtCaret();
  const fits = start === '' ? []
    : known.filter((w) => w.startsWith(start) && w !== start).slice(0, 8);
  chosen = -1;
  $('words').replaceChildren(...fits.map((word, i) => element('li', {role: 'option',
    id: `word-${i}`, 'aria-selected': 'false', onmousedown: (event) => {
      event.preventDefault();                   // the input keeps the focus
      take(word);
    }}, word)));
  $('words').hidden = fits.length === 0;
  $('sentence').setAttribute('aria-expanded', String(fits.length > 0));
  $('sentence').removeAttribute('aria-activedescendant');
}

function close() {
  $('words').hidden = true;
  chosen = -1;
  $('sentence').setAttribute('aria-expanded', 'false');
  $('sentence').removeAttribute('aria-activedescendant');
}

function take(word) {
  const {begin, caret} = wordAtCaret(), input = $('sentence');
  input.setRangeText(`${word} `, begin, caret, 'end');
  close();
  translate();
}

function choose(by) {
  const items = [...$('words').children];
  chosen = (chosen + by + items.length + (chosen < 0 && by < 0 ? 1 : 0)) % items.length;
  items.forEach((item, i) => item.setAttribute('aria-selected', String(i === chosen)));
  $('sentence').setAttribute('aria-activedescendant', items[chosen].id);
}

function onKey(event) {
  if (composing(event) || $('words').hidden) return;
  if (event.key === 'ArrowDown') choose(1);
  else if (event.key === 'ArrowUp') choose(-1);
  else if (event.key === 'Enter' && chosen >= 0) take($('words').children[chosen].textContent);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
}

// --- sentences of the grammar

function drawSentence(length) {
  const {source} = page.engine.ask({do: 'draw', length, seed: drawSeed++});
  $('sentence').value = source;
  close();
  translate();
}

function showLength() {
  $('longer-shown').textContent = `${$('longer').value} words`;
}

// The address is written when it is asked for, since some browsers allow few such changes; whether
// it can be copied is up to the browser.
function makeLink() {
  const fragment = `#s=${encodeURIComponent($('sentence').value)}`;
  let address = location.href.split('#')[0] + fragment;
  try { history.replaceState(null, '', fragment); } catch { address = fragment; }
  $('linked').hidden = false;
  $('linked').replaceChildren('The address of the page now holds the sentence: ',
    element('a', {href: fragment}, fragment));
  navigator.clipboard?.writeText(address).catch(() => {});
  announce('The address of the page now holds the sentence.', 0);
}

function sentenceOfAddress() {
  const found = /^#s=(.*)$/.exec(location.hash);
  if (!found) return null;
  try { return decodeURIComponent(found[1]).slice(0, 600); } catch { return null; }
}

// --- all lengths

async function measureLengths() {
  const series = kinds.map((kind) => ({kind, name: titles[kind], points: []}));
  const sentences = 20;
  $('measure').disabled = true;
  for (let length = 3; length <= 20; length++) {
    kinds.forEach((kind, i) => {
      const {right} = page.engine.ask({do: 'held out', model: seat(i), length, count: sentences,
        seed: length});
      series[i].points.push([length, right / sentences]);
    });
    $('lengths').replaceChildren(chart({series, x: {from: 3, to: 20, name: 'words of the source',
      ticks: [3, 6, 9, 12, 15, 20]}, y: {from: 0, to: 1,
      show: (share) => `${Math.round(100 * share)} %`},
      label: 'Sentences translated without a wrong word, by length: ' + series.map((s) =>
        `${s.name} ${s.points.map(([a, b]) => `${a}: ${percent(b)}`).join(', ')}`).join('; ')}));
    await new Promise((go) => { setTimeout(go); });
  }
  $('measure').disabled = false;
  announce('All lengths are measured.', 0);
}

function useModels(whose) {
  page.whose = whose;
  tellFacts();
  translate();
}

function startTyping() {
  makeColumns();
  tellFacts();
  const input = $('sentence');
  let composed = false;
  input.addEventListener('compositionstart', () => { composed = true; close(); });
  input.addEventListener('compositionend', () => { composed = false; offer(); translate(); });
  input.addEventListener('input', (event) => {
    if (composed || event.isComposing) return;  // what is committed is translated
    offer();
    translate();
  });
  input.addEventListener('keydown', onKey);
  input.addEventListener('blur', close);
  $('longer').addEventListener('input', () => { showLength(); drawSentence(+$('longer').value); });
  $('another').addEventListener('click', () => drawSentence(+$('longer').value));
  $('link').addEventListener('click', makeLink);
  $('measure').addEventListener('click', measureLengths);
  for (const radio of document.getElementsByName('whose'))
    radio.addEventListener('change', () => useModels(radio.value));
  showLength();
  input.value = sentenceOfAddress() ?? 'this white cow likes some flowers that he does not see.';
  translate();
}
