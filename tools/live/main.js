// The page begins: module and models come out of it, then each part.
'use strict';

// The grammar's sentences that this page knows at once, a few at a time while nobody types.
function learnSentences(counter = 0, left = 24) {
  if (left === 0) return;
  const {counter: next} = page.engine.ask({do: 'know', count: 250, seed: 1, counter});
  setTimeout(() => learnSentences(next, left - 1), 30);
}

async function start() {
  if (!globalThis.WebAssembly || !globalThis.DecompressionStream)
    throw new Error('this browser is too old for it');
  const bytes = await carried($('module').textContent);
  page.engine = await Engine.of(bytes);
  const models = await Promise.all(kinds.map((kind) => carried($(`model-${kind}`).textContent)));
  models.forEach((model, i) => page.engine.load(i, model, true));
  document.documentElement.classList.add('scripted');
  startStepping();
  startSearching();
  startTraining(bytes);
  startTyping();
  page.ready = performance.now();
  setTimeout(() => {
    for (const model of [1, 2]) page.engine.ask({do: 'view', model, count: 40});
    learnSentences();
    translate();
  }, 300);
}

start().catch((error) => {
  document.documentElement.classList.remove('scripted');
  document.querySelector('main').prepend(element('p', {role: 'alert'},
    `The live part could not begin: ${error.message}.`));
});
