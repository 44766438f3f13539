// What all parts of the page use. Text only ever becomes text nodes and attributes, never markup.
'use strict';
const $ = (id) => document.getElementById(id);
const kinds = ['rnn', 'attention', 'transformer'];
const titles = {rnn: 'One vector', attention: 'A look back', transformer: 'Attention alone'};
// Seats of the engine: the page's models, one that is broken, the reader's own.
const seatOf = {page: [0, 1, 2], broken: 3, own: [4, 5, 6]};
const page = {engine: null, whose: 'page', own: [false, false, false]};

// Your own model where there is one.
const seat = (kind) => page.whose === 'own' && page.own[kind] ? seatOf.own[kind] : kind;

// element('p', {class: 'hint', onclick: f}, 'text', node, ...)
function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false)
      made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}
const element = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);
const drawn = (name, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

const percent = (share) => share >= 0.9995 ? '100 %' : share < 0.0005 ? '< 0.1 %'
  : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const number = (x, digits = 2) => x.toFixed(digits).replace('-', '−');
const count = (n) => n.toLocaleString('en');
const words = (list) => list.join(' ');

// One polite region says what changed, after a pause: not at every key stroke. A sentence that is
// said a second time differs by a blank, so that it is read again.
let waiting = 0, odd = false;
function announce(text, pause = 700) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    odd = !odd;
    $('said').textContent = text + (odd ? '' : '\u00a0');
  }, pause);
}

// Keys that belong to an input method; Safari sends the last of them after the composition's end.
const composing = (event) => event.isComposing || event.keyCode === 229;

// A model's name as options of a select.
function modelChoices(select, chosen = 2) {
  select.replaceChildren(...kinds.map((kind, i) =>
    element('option', {value: i, selected: i === chosen}, titles[kind])));
}

// What goes wrong is said in place, and the rest of the page goes on.
function tried(place, work) {
  try {
    work();
  } catch (error) {
    place.replaceChildren(element('p', {class: 'hint'}, `That did not work: ${error.message}`));
  }
}

// Lines over a common axis: series {kind, name, points: [[x, y]]}.
function chart({series, x, y, label}) {
  const width = 640, height = 240, left = 46, right = 135, top = 12, bottom = 34;
  const across = (v) => left + (v - x.from) / (x.to - x.from || 1) * (width - left - right);
  const tall = height - top - bottom;
  const down = (v) => height - bottom - (v - y.from) / (y.to - y.from || 1) * tall;
  const svg = drawn('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label});
  for (let i = 0; i <= 4; i++) {
    const at = y.from + (y.to - y.from) * i / 4;
    svg.append(drawn('line', {class: 'axis', x1: left, x2: width - right, y1: down(at),
      y2: down(at)}),
      drawn('text', {x: left - 6, y: down(at) + 4, 'text-anchor': 'end'}, y.show(at)));
  }
  for (const at of x.ticks)
    svg.append(drawn('text', {x: across(at), y: height - 16, 'text-anchor': 'middle'}, String(at)));
  svg.append(drawn('text', {x: (left + width - right) / 2, y: height - 2, 'text-anchor': 'middle'},
    x.name));
  const ends = [];
  for (const {kind, name, points} of series) {
    if (points.length === 0) continue;
    const line = points.map(([a, b]) => `${across(a).toFixed(1)},${down(b).toFixed(1)}`).join(' ');
    svg.append(drawn('polyline', {class: `curve ${kind}`, points: line}));
    ends.push({kind, name, y: down(points.at(-1)[1])});
  }
  ends.sort((a, b) => a.y - b.y);               // names do not stand on one another
  ends.forEach((end, i) => { if (i > 0) end.y = Math.max(end.y, ends[i - 1].y + 14); });
  const over = Math.max(0, (ends.at(-1)?.y ?? 0) - (height - bottom));
  for (const {kind, name, y: at} of ends)
    svg.append(drawn('text', {class: kind, x: width - right + 6, y: at - over + 4}, name));
  return svg;
}
