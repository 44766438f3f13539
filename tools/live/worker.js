// One model, trained apart from the page: what is done is told by messages, and bytes are copied.
'use strict';
const seat = 0, stepsAtOnce = 2, heldOut = 200;
let stopped = false;

async function learn({module, lesson}) {
  const engine = await Engine.of(module);
  const begun = engine.ask({do: 'begin', ...lesson});
  postMessage({what: 'begun', ...begun});
  let words = 0, step = 0;
  const start = performance.now();
  while (step < lesson.steps && !stopped) {
    const at = performance.now();
    const steps = Math.min(stepsAtOnce, lesson.steps - step);
    const told = engine.ask({do: 'learn', steps});
    step = told.step, words += told.tokens;
    const now = performance.now();
    postMessage({what: 'learnt', step, loss: told.loss, memory: engine.memory,
                 speed: words / (now - start) * 1000, pace: (now - at) / told.tokens,
                 left: (lesson.steps - step) * (now - start) / step / 1000});
    await new Promise((go) => { setTimeout(go); });          // lets a message to stop come in
  }
  engine.ask({do: 'end', into: seat});
  const score = engine.ask({do: 'held out', model: seat, count: heldOut, length: 0, seed: 11});
  postMessage({what: 'done', step, stopped, ...score, bytes: engine.save(seat)});
}

onmessage = ({data}) => {
  if (data.what === 'stop') stopped = true;
  else learn(data).catch((error) => postMessage({what: 'failed', why: error.message}));
};
