/* The operations of a history, by process and time: zoom, pan, jump to violations. Runs behind
 * timeline_model.js in the same script. */
(function () {
const {bytesOf, decode, valueText, label, lowerBound, makeRows, visible, density, clampView, zoom, ticks, timeText,
  durationText, sentence, violationOf, hashOf} = timelineModel;
const GUTTER = 92, AXIS = 24, STRIP = 18;

function start() {
  const section = document.getElementById('timeline');
  const block = document.getElementById('timeline-document');
  if (!section || !block) return;
  const doc = JSON.parse(new TextDecoder().decode(bytesOf(block.textContent)));
  const canvas = section.querySelector('canvas'), pen = canvas.getContext('2d');
  const said = section.querySelector('.said'), select = section.querySelector('select');
  const violations = doc.keys.map((key, i) => i).filter((i) => doc.keys[i][4].length > 0);
  const s = {key: -1, ops: null, rows: [], view: null, low: 0, high: 1, violation: null, chosen: -1,
    width: 0, rowHeight: 20, colours: null, due: false};

  function colours() {
    const style = getComputedStyle(document.documentElement), out = {};
    for (const name of ['ink', 'soft', 'grid', 'area', 'ok', 'fail', 'info', 'bar', 'bar-line', 'hot', 'invalid', 'shade', 'strip', 'k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'])
      out[name] = style.getPropertyValue('--' + name).trim();
    return out;
  }

  const x = (time) => GUTTER + (time - s.view.from) / (s.view.to - s.view.from) * (s.width - GUTTER);
  const timeAt = (px) => s.view.from + (px - GUTTER) / (s.width - GUTTER) * (s.view.to - s.view.from);
  const top = () => doc.faults.length ? STRIP : 6;

  function load(key) {
    const entry = doc.keys[key];
    s.key = key;
    s.ops = decode(bytesOf(document.getElementById('timeline-key-' + key).textContent), entry[1]);
    s.rows = makeRows(s.ops);
    s.violation = violationOf(s.ops, entry);
    s.low = s.ops.begin[0];
    s.high = s.low + 1;
    for (let i = 0; i < s.ops.count; i++) s.high = Math.max(s.high, s.ops.end[i]);
    const margin = (s.high - s.low) * 0.01;
    s.low -= margin;
    s.high += margin;
    s.chosen = s.violation.failing;
    select.value = String(key);
    setView(s.violation.numbers.length ? s.violation : {from: s.low, to: s.high});
    say();
  }

  function setView(view) {
    s.view = clampView(view, s.low, s.high, Math.min(s.high - s.low, doc.timed ? 1000 : 4));
    later();
  }

  /* One drawing a frame, however often something changed. What will be shown, for tests of pages. */
  function later() {
    canvas.dataset.state = JSON.stringify({key: s.key, from: s.view.from, to: s.view.to, chosen: s.chosen});
    if (!s.due) requestAnimationFrame(draw);
    s.due = true;
  }

  function size() {
    const ratio = window.devicePixelRatio || 1;
    s.width = Math.max(canvas.parentNode.clientWidth, 200);
    s.rowHeight = Math.max(Math.min(4, 8000 / s.rows.length), Math.min(24, Math.floor(520 / s.rows.length)));
    const height = top() + s.rowHeight * s.rows.length + AXIS + 8;
    canvas.style.height = height + 'px';
    canvas.width = Math.round(s.width * ratio);
    canvas.height = Math.round(height * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    return height;
  }

  function drawFaults(bottom) {
    for (const [begin, end, colour, text] of doc.faults) {
      if (end < s.view.from || begin > s.view.to) continue;
      const left = Math.max(GUTTER, x(begin)), width = Math.max(1, Math.min(s.width, x(end)) - left);
      pen.fillStyle = s.colours['k' + colour];
      pen.globalAlpha = Number(s.colours.shade) || 0.15;
      pen.fillRect(left, STRIP, width, bottom - STRIP);
      pen.globalAlpha = 1;
      pen.fillRect(left, 2, width, STRIP - 4);
      pen.save();
      pen.beginPath();
      pen.rect(left, 0, width, STRIP);
      pen.clip();
      pen.fillStyle = s.colours.strip;
      pen.fillText(text, left + 4, STRIP / 2);
      pen.restore();
    }
  }

  function drawAxis(bottom) {
    const {step, list} = ticks(s.view.from, s.view.to, Math.max(2, Math.floor((s.width - GUTTER) / 110)));
    pen.fillStyle = pen.strokeStyle = s.colours.soft;
    pen.textAlign = 'center';
    pen.fillRect(GUTTER, bottom, s.width - GUTTER, 1);
    for (const time of list) {
      pen.fillRect(x(time), bottom, 1, 5);
      if (x(time) > GUTTER + 20 && x(time) < s.width - 30) pen.fillText(timeText(time, step, doc.timed), x(time), bottom + 14);
    }
    pen.textAlign = 'left';
  }

  function drawBar(i, y, nextLeft, marked) {
    const ops = s.ops, left = x(ops.begin[i]), open = ops.outcome[i] > 1;
    const right = Math.max(ops.outcome[i] === 3 ? s.width : x(ops.end[i]), left + (marked ? 4 : 1.5));
    const from = Math.max(left, GUTTER - 4), width = Math.min(right, s.width + 4) - from;
    const failing = i === s.violation.failing, height = Math.max(3, s.rowHeight - 7);
    if (width <= 0) return;
    pen.globalAlpha = open && !marked ? 0.45 : 1;
    pen.fillStyle = failing ? s.colours.invalid : marked ? s.colours.hot : open ? s.colours.info :
      ops.outcome[i] === 1 ? s.colours.area : s.colours.bar;
    pen.strokeStyle = marked ? s.colours.invalid : open ? s.colours.info : ops.outcome[i] === 1 ? s.colours.soft : s.colours['bar-line'];
    pen.fillRect(from, y, width, height);
    pen.globalAlpha = 1;
    pen.lineWidth = marked ? 2 : 1;
    pen.setLineDash(ops.outcome[i] ? [3, 3] : []);
    if (width <= 3) {
      pen.fillStyle = pen.strokeStyle;
      pen.fillRect(from, y, width, height);
    } else pen.strokeRect(from + 0.5, y + 0.5, width - 1, height - 1);
    pen.setLineDash([]);
    if (i === s.chosen) {
      pen.strokeStyle = s.colours.ink;
      pen.strokeRect(from - 2, y - 2, width + 4, height + 4);
    }
    if (s.rowHeight < 15) return;
    const text = label(ops, i, doc), wide = pen.measureText(text).width;
    const inside = width >= wide + 8;
    if (!inside && right + wide + 8 > nextLeft) return;
    pen.fillStyle = failing && inside ? '#fff' : ops.outcome[i] === 1 ? s.colours.soft : s.colours.ink;
    pen.fillText(text, inside ? from + 4 : right + 4, y + height / 2);
  }

  function drawDense(row, y) {
    const bins = Math.max(1, Math.floor(s.width - GUTTER));
    const {all, odd} = density(row, s.view.from, s.view.to, bins);
    const most = all.reduce((a, b) => Math.max(a, b), 1);
    for (let b = 0; b < bins; b++) {
      if (!all[b]) continue;
      pen.globalAlpha = 0.25 + 0.75 * all[b] / most;
      pen.fillStyle = s.colours['bar-line'];
      pen.fillRect(GUTTER + b, y, 1, Math.max(3, s.rowHeight - 7));
      if (!odd[b]) continue;
      pen.globalAlpha = 0.3 + 0.7 * odd[b] / all[b];
      pen.fillStyle = s.colours.info;
      pen.fillRect(GUTTER + b, y + Math.max(3, s.rowHeight - 7) / 2, 1, Math.max(2, s.rowHeight - 7) / 2);
    }
    pen.globalAlpha = 1;
  }

  function drawRow(row, y) {
    const [first, last] = visible(row, s.view.from, s.view.to), dense = last - first > (s.width - GUTTER) / 2;
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER, y - 4, s.width - GUTTER, s.rowHeight + 4);
    pen.clip();
    if (dense) drawDense(row, y);
    for (let n = first; !dense && n < last; n++)
      drawBar(row.ops[n], y, n + 1 < row.n ? x(row.begin[n + 1]) : Infinity, s.violation.marked.has(row.ops[n]));
    for (const i of s.violation.numbers)
      if (dense && row.ops[lowerBound(row.ops, i, 0, row.n)] === i) drawBar(i, y, -Infinity, true);
    pen.restore();
    if (s.rowHeight >= 11 && row.n) {
      let shown = row.ops[Math.min(row.n - 1, first)];
      if (s.ops.end[shown] < s.view.from && first + 1 < last) shown = row.ops[first + 1];
      pen.fillStyle = s.colours.soft;
      pen.textAlign = 'right';
      pen.fillText('process ' + s.ops.process[shown], GUTTER - 8, y + (s.rowHeight - 7) / 2);
      pen.textAlign = 'left';
    }
  }

  function drawMark(bottom) {
    const i = s.violation.failing;
    if (i < 0) return;
    const at = x((s.ops.begin[i] + s.ops.end[i]) / 2);
    if (at < GUTTER || at > s.width) return;
    pen.fillStyle = s.colours.invalid;
    pen.beginPath();
    pen.moveTo(at - 6, bottom + 9);
    pen.lineTo(at + 6, bottom + 9);
    pen.lineTo(at, bottom);
    pen.fill();
  }

  function draw() {
    s.due = false;
    s.colours = colours();
    const height = size(), bottom = height - AXIS;
    pen.font = '11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
    pen.textBaseline = 'middle';
    pen.fillStyle = s.colours.area;
    pen.fillRect(GUTTER, top(), s.width - GUTTER, bottom - top());
    drawFaults(bottom);
    for (let r = 0; r < s.rows.length; r++) drawRow(s.rows[r], top() + 4 + r * s.rowHeight);
    drawAxis(bottom);
    drawMark(bottom);
    section.querySelector('[data-do=before]').disabled = section.querySelector('[data-do=after]').disabled = violations.length === 0;
  }

  function say() {
    said.textContent = s.chosen < 0 ? s.ops.count.toLocaleString('en') + ' operations' +
      (s.ops.count < doc.keys[s.key][2] ? ' of ' + doc.keys[s.key][2].toLocaleString('en') : '') + ' in ' +
      s.rows.length.toLocaleString('en') + ' rows' :
      (s.chosen === s.violation.failing ? 'Cannot be placed: ' : s.violation.marked.has(s.chosen) ? 'Of the violation: ' : '') + sentence(s.ops, s.chosen, doc);
  }

  function find(px, py) {
    const row = s.rows[Math.floor((py - top() - 2) / s.rowHeight)];
    if (!row || px < GUTTER) return -1;
    const time = timeAt(px), slack = (s.view.to - s.view.from) * 4 / s.width;
    const n = lowerBound(row.begin, time + slack, 0, row.n) - 1;
    if (n < 0) return -1;
    const i = row.ops[n];
    return s.ops.outcome[i] === 3 || s.ops.end[i] + slack >= time ? i : -1;
  }

  function choose(i) {
    if (i === s.chosen) return;
    s.chosen = i;
    say();
    later();
  }

  function jump(by) {
    if (!violations.length) return;
    const at = violations.indexOf(s.key);
    const next = at < 0 ? 0 : (at + by + violations.length) % violations.length;
    if (violations[next] !== s.key) load(violations[next]);
    else {
      setView(s.violation);
      choose(s.violation.failing);
    }
  }

  function step(by) {
    const i = Math.min(Math.max(s.chosen < 0 ? lowerBound(s.ops.begin, s.view.from, 0, s.ops.count) : s.chosen + by, 0), s.ops.count - 1);
    choose(i);
    const span = s.view.to - s.view.from, at = s.ops.begin[i];
    if (s.ops.end[i] < s.view.from || at > s.view.to) setView({from: at - span / 2, to: at + span / 2});
  }

  const move = (part) => setView({from: s.view.from + (s.view.to - s.view.from) * part, to: s.view.to + (s.view.to - s.view.from) * part});
  const middle = () => (s.view.from + s.view.to) / 2;
  const actions = {
    before: () => jump(-1), after: () => jump(1), left: () => move(-0.25), right: () => move(0.25),
    in: () => setView(zoom(s.view, 0.5, middle())), out: () => setView(zoom(s.view, 2, middle())),
    all: () => setView({from: s.low, to: s.high}), earlier: () => step(-1), later: () => step(1),
  };
  const keys = {ArrowLeft: 'left', ArrowRight: 'right', '+': 'in', '=': 'in', '-': 'out', 0: 'all', n: 'after', p: 'before', ',': 'earlier', '.': 'later'};

  function listen() {
    section.addEventListener('click', (event) => {
      const action = event.target.dataset && event.target.dataset.do;
      if (action) actions[action]();
    });
    select.addEventListener('change', () => load(Number(select.value)));
    canvas.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      actions[keys[event.key]]();
      event.preventDefault();
    });
    canvas.addEventListener('wheel', (event) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!event.ctrlKey && document.activeElement !== canvas && !sideways) return;
      event.preventDefault();
      if (sideways) move(event.deltaX / s.width);
      else setView(zoom(s.view, Math.exp(Math.max(-300, Math.min(300, event.deltaY)) / 400), timeAt(event.offsetX)));
    }, {passive: false});
    const pointers = new Map();
    canvas.addEventListener('pointerdown', (event) => {
      pointers.set(event.pointerId, event.offsetX);
      canvas.setPointerCapture(event.pointerId);
      choose(find(event.offsetX, event.offsetY));
    });
    canvas.addEventListener('pointermove', (event) => {
      const was = pointers.get(event.pointerId);
      if (was === undefined) {
        const i = find(event.offsetX, event.offsetY);
        if (i >= 0) choose(i);
        return;
      }
      const others = [...pointers].filter(([id]) => id !== event.pointerId);
      const now = event.offsetX, span = s.view.to - s.view.from;
      if (others.length) { /* two fingers */
        const still = others[0][1], factor = Math.abs(was - still) / Math.max(8, Math.abs(now - still));
        setView(zoom(s.view, Math.min(4, Math.max(0.25, factor)), timeAt(still)));
      } else if (now !== was) {
        const by = (was - now) / (s.width - GUTTER) * span;
        setView({from: s.view.from + by, to: s.view.to + by});
      }
      pointers.set(event.pointerId, now);
    });
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
    window.addEventListener('resize', later);
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', later);
    window.addEventListener('hashchange', follow);
  }

  /* #timeline&key=1&from=SECONDS&to=SECONDS&do=in,right: a link to what is shown. */
  function follow() {
    const hash = hashOf(location.hash), scale = doc.timed ? 1e9 : 1;
    const key = doc.keys.findIndex((entry) => entry[0] === hash.key);
    if (key >= 0 && key !== s.key) load(key);
    if (hash.from && hash.to) setView({from: Number(hash.from) * scale, to: Number(hash.to) * scale});
    for (const action of (hash.do || '').split(',')) if (actions[action]) actions[action]();
  }

  doc.keys.forEach((entry, i) => {
    const option = document.createElement('option');
    option.value = String(i);
    option.textContent = (entry[0] || 'all') + (entry[4].length ? ' \u2717 violation' : '') + ' (' + entry[1].toLocaleString('en') + ')';
    select.append(option);
  });
  if (doc.left_out) section.querySelector('.less').textContent = ' The history is too long for one page: of the largest objects only a part is here, or of some nothing.';
  section.hidden = false;
  listen();
  /* The page is shown first, then the operations are unpacked. */
  requestAnimationFrame(() => setTimeout(() => {
    load(violations.length ? violations[0] : 0);
    follow();
  }));
}

start();
})();
