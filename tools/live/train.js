// Three trainings, each in a worker that is made of this page's own script; what they learn comes
// back as a model file.
'use strict';
const lessons = kinds.map((kind) => ({kind, worker: null, points: [], told: null, bytes: null}));
let module = null;                              // its bytes, for the workers

function lessonRow({kind, told, score, bytes, why}, i) {
  const cells = why ? [why, '', '', '', ''] : [
    told ? count(told.step) : '', told ? number(told.loss, 3) : '',
    told ? count(Math.round(told.speed)) : '', told ? `${Math.ceil(told.left)} s` : '',
    score ? `${score.right} of ${score.count}` : ''];
  return element('tr', {}, element('th', {scope: 'row'}, titles[kind]),
    ...cells.map((text) => element('td', {}, text)),
    element('td', {}, bytes ? element('button', {type: 'button', onclick: () => save(i)},
      `Save ${kind}.safetensors`) : ''));
}

function showLessons() {
  $('lessons').tBodies[0].replaceChildren(...lessons.map(lessonRow));
  const longest = Math.max(10, ...lessons.map(({points}) => points.at(-1)?.[0] ?? 0));
  $('losses').replaceChildren(chart({
    series: lessons.map(({kind, points}) => ({kind, name: titles[kind], points})),
    x: {from: 0, to: longest, name: 'updates of 64 sentences', ticks: [0, 1, 2, 3, 4].map((i) =>
      Math.round(longest * i / 4))},
    y: {from: 0, to: 6, show: (v) => v.toFixed(1)},
    label: 'Loss by updates: ' + lessons.filter(({told}) => told).map(({kind, told}) =>
      `${titles[kind]} ${number(told.loss)} after ${told.step}`).join(', ')}));
}

function save(i) {
  const address = URL.createObjectURL(new Blob([lessons[i].bytes]));
  element('a', {href: address, download: `${lessons[i].kind}.safetensors`}).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// A model that was trained or opened takes its column.
function takeOwn(i, bytes) {
  page.engine.load(seatOf.own[i], bytes);
  page.engine.ask({do: 'view', model: seatOf.own[i], count: 40});
  page.own[i] = true;
  const radio = document.querySelector('[name=whose][value=own]');
  radio.disabled = false, radio.checked = true;
  useModels('own');
}

function running() { return lessons.some(({worker}) => worker); }

function finish(lesson) {
  lesson.worker?.terminate();
  lesson.worker = null;
  $('begin').disabled = running();
  $('stop').disabled = !running();
  page.trained = !running();
  showLessons();
  if (running()) return;
  const done = lessons.filter(({score}) => score);
  announce('Training is over. ' + done.map(({kind, score}) =>
    `${titles[kind]}: ${score.right} of ${score.count} right`).join('. '), 0);
}

// Noisy losses are drawn as a running mean, which the table shows too.
function hear(lesson, i, data) {
  if (data.what === 'learnt') {
    const before = lesson.told?.loss ?? data.loss;
    lesson.told = {...data, loss: 0.85 * before + 0.15 * data.loss};
    lesson.memory = data.memory;
    lesson.paces.push(data.pace);
    lesson.points.push([data.step, lesson.told.loss]);
  } else if (data.what === 'done') {
    lesson.score = {right: data.right, count: data.count}, lesson.bytes = data.bytes;
    takeOwn(i, data.bytes);
    finish(lesson);
  } else if (data.what === 'failed') {
    lesson.why = data.why;
    finish(lesson);
  }
}

function begin() {
  const code = [$('engine').textContent, $('worker').textContent].join('\n');
  const address = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));
  const steps = +$('updates').value, seed = Math.max(0, Math.floor(+$('seed').value) || 0);
  page.trained = false;
  lessons.forEach((lesson, i) => {
    const worker = new Worker(address);
    Object.assign(lesson, {worker, points: [], paces: [], told: null, score: null, bytes: null,
      why: null});
    worker.onmessage = ({data}) => hear(lesson, i, data);
    worker.onerror = (event) => hear(lesson, i, {what: 'failed', why: event.message});
    const taken = $('lesson-without').value;
    worker.postMessage({module, lesson: {kind: lesson.kind, steps, seed, pairs: 12000,
      without: lesson.kind === 'transformer' && taken ? [taken] : []}});
  });
  URL.revokeObjectURL(address);
  $('begin').disabled = true, $('stop').disabled = false;
  redraw();
  announce('Training begins.', 0);
}

function redraw() {                             // twice a second is enough to see
  showLessons();
  if (running()) setTimeout(redraw, 500);
}

async function open() {
  const file = $('open').files[0];
  if (!file) return;
  try {
    if (file.size > 64e6) throw new Error('a file of this size is no model for a page');
    const bytes = new Uint8Array(await file.arrayBuffer()), trial = seatOf.broken;
    page.engine.load(trial, bytes);
    const {model} = page.engine.ask({do: 'vocabulary', model: trial});
    takeOwn(kinds.indexOf(model.model), bytes);
    $('opened').textContent = `${file.name} is a ${model.model}; it translates above.`;
  } catch (error) {
    $('opened').textContent = `${file.name} was not opened: ${error.message}`;
  }
  announce($('opened').textContent, 0);
}

function startTraining(bytes) {
  module = bytes;
  showLessons();
  $('begin').addEventListener('click', begin);
  $('stop').addEventListener('click', () => {
    for (const {worker} of lessons) worker?.postMessage({what: 'stop'});
  });
  $('open').addEventListener('change', open);
}
