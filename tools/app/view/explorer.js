// The explorer's one script. It draws nothing new: it lights words and cells, puts other numbers
// into the large map, shows one section at a time, and orders the hypotheses.
'use strict';
(() => {
  const shades = 32;
  const data = JSON.parse(document.getElementById('data').textContent);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const shadeOf = (w) => Math.round(Math.min(1, Math.max(0, w || 0)) * shades);
  const decimals = (w, digits) => (w ?? NaN).toFixed(digits);          // null was not a number
  const shown = (w) => { const n = decimals(w, 2); return n === '0.00' ? '' : n; };
  const wordOf = (span) => span.firstElementChild.textContent;

  // One stop of the Tab key for a group; arrows go on from there. step(i, key) is the next index.
  function rove(items, step, onMove) {
    items.forEach((item, i) => {
      item.tabIndex = i === 0 ? 0 : -1;
      item.addEventListener('focus', () => {
        items.forEach((other) => { other.tabIndex = other === item ? 0 : -1; });
      });
      item.addEventListener('keydown', (event) => {
        const next = event.ctrlKey || event.altKey || event.metaKey ? -1 : step(i, event.key);
        if (!items[next]) return;
        event.preventDefault();
        items[next].focus();
        if (onMove) onMove(next);
      });
    });
  }
  const alongLine = (count) => (i, key) =>
    ({ ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: count - 1 })[key] ?? -1;

  function onPress(item, action) {                // a click, Enter or the space bar
    item.setAttribute('role', 'button');
    item.addEventListener('click', action);
    item.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      action();
    });
  }

  function meanOf(heads) {
    return heads[0].map((row, i) => row.map(
      (_, j) => heads.reduce((sum, head) => sum + head[i][j], 0) / heads.length));
  }

  // A kind of attention. A place is {row, column}, either of them null: a word, or a cell.
  class Panel {
    constructor(section, map) {
      this.section = section;
      this.map = map;
      this.keys = all('.keys .word', section);
      this.queries = all('.queries .word', section);
      this.svg = section.querySelector('.map');
      this.cells = all('.cell', this.svg);
      this.numbers = all('.number', this.svg);
      this.rowLabels = all('.row', this.svg);
      this.columnLabels = all('.column', this.svg);
      this.readout = section.querySelector('.readout');
      this.picks = all('.pick', section);
      this.occluded = map.kind === 'occlusion';
      this.gold = map.kind === 'cross' || this.occluded ? data.gold : [];
      this.outlines = all('.gold', this.svg);
      this.heads = map.weights[0].length;
      this.across = this.heads > 1 ? this.heads + 1 : 1;       // the mean stands before the heads
      this.pinned = null;
      this.readout.setAttribute('aria-live', 'polite');
      this.prepareWords(this.keys, this.queries, (j) => ({ row: null, column: j }));
      this.prepareWords(this.queries, this.keys, (i) => ({ row: i, column: null }));
      this.prepareCells();
      if (this.occluded) this.choose(0);        // the one map, without small ones to choose among
      else this.preparePicks(data.layer * this.across + (this.heads > 1 ? data.head + 1 : 0));
    }

    linkAt(row, column) { return this.gold.find((l) => l.tgt === row && l.src === column); }
    columnOf(j) { return this.weights.map((row) => row[j]); }

    // What a chosen word has to do with those of the other sentence, as shade and number.
    strengthen(words, values, linkTo) {
      words.forEach((word, i) => {
        const number = word.lastElementChild, link = values && linkTo(i);
        const text = values ? shown(values[i]) : '', shade = text ? shadeOf(values[i]) : 0;
        number.textContent = text;
        number.className = text ? `value w${shade} n${shade}` : 'value';
        word.classList.toggle('sure', Boolean(link && link.sure));
        word.classList.toggle('possible', Boolean(link && !link.sure));
      });
    }

    strongest(words, values) {
      const order = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
      return order.slice(0, 3).filter((i) => shown(values[i]))
        .map((i) => `${wordOf(words[i])} ${shown(values[i])}`).join(', ') || 'nothing';
    }

    sentence({ row, column }) {
      const query = row === null ? '' : `“${wordOf(this.queries[row])}”`;
      const key = column === null ? '' : `“${wordOf(this.keys[column])}”`;
      const [verb, passive] = this.occluded ? ['depends on', 'is needed by']
        : ['looks at', 'is looked at by'];
      if (!key) return `${query} ${verb}: ${this.strongest(this.keys, this.weights[row])}`;
      if (!query)
        return `${key} ${passive}: ${this.strongest(this.queries, this.columnOf(column))}`;
      const link = this.linkAt(row, column);
      const mark = link ? (link.sure ? ' (gold)' : ' (possible gold)') : '';
      return `${query} ${verb} ${key}: ${decimals(this.weights[row][column], 4)}${mark}`;
    }

    light(place) {
      const { row, column } = place || { row: null, column: null };
      const lit = (i, j) => place !== null && (i === row || j === column);
      this.queries.forEach((word, i) => word.classList.toggle('lit', i === row));
      this.keys.forEach((word, j) => word.classList.toggle('lit', j === column));
      this.rowLabels.forEach((label, i) => label.classList.toggle('hot', i === row));
      this.columnLabels.forEach((label, j) => label.classList.toggle('hot', j === column));
      this.svg.classList.toggle('dim', place !== null);
      this.cells.forEach((cell, k) => {
        const on = lit(Math.floor(k / this.keys.length), k % this.keys.length);
        cell.classList.toggle('on', on);
        this.numbers[k].classList.toggle('on', on);
      });
      this.gold.forEach((l, k) => this.outlines[k].classList.toggle('on', lit(l.tgt, l.src)));
      this.strengthen(this.keys, row === null ? null : this.weights[row],
                      (j) => this.linkAt(row, j));
      this.strengthen(this.queries, column === null ? null : this.columnOf(column),
                      (i) => this.linkAt(i, column));
      this.readout.textContent = place ? this.sentence(place)
        : 'Point at a word or a cell; click to keep it, Escape to let go.';
    }

    pin(place, word) {
      this.pinned = place;
      all('.pinned', this.section).forEach((other) => other.classList.remove('pinned'));
      if (word) word.classList.add('pinned');
      this.light(place);
    }

    prepareWords(words, others, placeOf) {
      words.forEach((word, i) => {
        const value = document.createElement('span');
        value.className = 'value';
        word.append(value);
        for (const on of ['pointerenter', 'focus'])
          word.addEventListener(on, () => this.light(placeOf(i)));
        for (const off of ['pointerleave', 'blur'])
          word.addEventListener(off, () => this.light(this.pinned));
        onPress(word, () => this.pin(placeOf(i), word));
        word.addEventListener('keydown', (event) => {
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
          event.preventDefault();
          others[Math.min(i, others.length - 1)].focus();
        });
      });
      rove(words, alongLine(words.length));
      const line = words[0].parentNode;
      line.setAttribute('role', 'group');
      line.setAttribute('aria-label', line.previousElementSibling.textContent);
    }

    prepareCells() {
      const placeOf = (target) => {
        const k = this.cells.indexOf(target), n = this.keys.length;
        return k < 0 ? null : { row: Math.floor(k / n), column: k % n };
      };
      this.svg.addEventListener('pointerover',
                                (event) => this.light(placeOf(event.target) || this.pinned));
      this.svg.addEventListener('pointerleave', () => this.light(this.pinned));
      this.svg.addEventListener('click', (event) => this.pin(placeOf(event.target)));
      this.section.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') this.pin(null);
      });
    }

    choose(pick) {
      const layer = this.map.weights[Math.floor(pick / this.across)];
      const head = this.heads > 1 ? pick % this.across - 1 : 0;
      this.weights = head < 0 ? meanOf(layer) : layer[head];
      this.weights.flat().forEach((w, k) => {
        const shade = shadeOf(w);
        this.cells[k].setAttribute('class', `cell w${shade}`);
        this.numbers[k].setAttribute('class', `number n${shade}`);
        this.numbers[k].textContent = shown(w).replace(/^0/, '');
      });
      this.picks.forEach((other, i) => other.setAttribute('aria-pressed', String(i === pick)));
      if (!this.occluded)
        this.section.querySelector('.view').textContent =
          this.picks[pick].getAttribute('aria-label');
      this.light(this.pinned);
    }

    preparePicks(first) {
      const across = this.across, last = this.picks.length - 1;
      rove(this.picks, (i, key) => ({
        ArrowLeft: i % across ? i - 1 : -1,
        ArrowRight: (i + 1) % across ? i + 1 : -1,
        ArrowUp: i - across,
        ArrowDown: i + across,
        Home: 0,
        End: last,
      })[key] ?? -1, (i) => this.choose(i));
      this.picks.forEach((pick, i) => {
        onPress(pick, () => { pick.focus(); this.choose(i); });
        pick.tabIndex = i === first ? 0 : -1;
      });
      this.choose(first);
    }
  }

  function prepareTabs() {
    const tabs = all('.tabs a'), sections = all('.panel');
    if (!tabs.length) return;
    const open = (chosen) => tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
      sections[i].hidden = i !== chosen;
    });
    tabs[0].parentNode.setAttribute('role', 'tablist');
    rove(tabs, alongLine(tabs.length), open);
    tabs.forEach((tab, i) => {
      onPress(tab, (event) => { if (event) event.preventDefault(); open(i); });
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', sections[i].id);
      sections[i].setAttribute('role', 'tabpanel');
      sections[i].setAttribute('aria-labelledby', tab.id);
    });
    open(Math.max(0, sections.findIndex((section) => '#' + section.id === location.hash)));
  }

  // By rank as they stand, or by a figure, the largest first.
  function prepareHypotheses() {
    const table = document.querySelector('.hypotheses'), rows = all('tbody tr', table);
    const titles = all('th', table), figures = data.hypotheses;
    const orders = { rank: (i) => -i, length: (i) => figures[i].length,
                     'log P': (i) => figures[i].log_prob, score: (i) => figures[i].score };
    for (const title of titles.filter((one) => orders[one.textContent])) {
      const button = document.createElement('button'), name = title.textContent;
      button.type = 'button';
      button.textContent = name;
      title.replaceChildren(button);
      button.addEventListener('click', () => {
        titles.forEach((other) => other.removeAttribute('aria-sort'));
        title.setAttribute('aria-sort', name === 'rank' ? 'ascending' : 'descending');
        const order = rows.map((_, i) => i);
        order.sort((a, b) => orders[name](b) - orders[name](a) || a - b);
        rows[0].parentNode.append(...order.map((i) => rows[i]));
      });
    }
    titles[0].setAttribute('aria-sort', 'ascending');
  }

  // What is wider than its place can be scrolled by keys.
  function prepareScrolling() {
    all('.scroll').forEach((box) => {
      if (box.scrollWidth <= box.clientWidth) return;
      box.tabIndex = 0;
      box.setAttribute('role', 'group');
      box.setAttribute('aria-label', box.previousElementSibling.textContent);
    });
  }

  document.documentElement.classList.add('scripted');
  all('.panel').forEach((section, k) => new Panel(section, data.maps[k]));
  prepareScrolling();
  prepareTabs();
  prepareHypotheses();
})();
