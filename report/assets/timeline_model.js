'use strict';
/* What the timeline of a page is drawn from: the operations, unpacked from the blocks that
 * report/timeline_data.h describes, their rows, and what is said of them. Knows no page; tested by
 * tests/script/timeline_model_test.js. */
const timelineModel = (function () {
const OUTCOMES = ['ok', 'fail', 'info', 'never answered'];

/* --- data --- */

function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/* Columns of a block of `count` operations. */
function decode(bytes, count) {
  const f64 = () => new Float64Array(count), u32 = () => new Uint32Array(count);
  const ops = {count, begin: f64(), end: f64(), process: f64(), f: new Uint16Array(count),
    outcome: new Uint8Array(count), argument: f64(), result: f64(), index: f64(), error: u32()};
  let at = 0, time = 0, index = 0;
  function number() {
    let value = 0, factor = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  }
  for (let i = 0; i < count; i++) {
    const delta = number();
    time += delta % 2 ? -(delta + 1) / 2 : delta / 2;
    ops.begin[i] = time;
    ops.end[i] = time + number();
    ops.process[i] = number();
    const function_and_outcome = number();
    ops.f[i] = function_and_outcome >> 2;
    ops.outcome[i] = function_and_outcome & 3;
    ops.argument[i] = number();
    const result = number();
    ops.result[i] = result === 0 ? ops.argument[i] : result - 1;
    index += number();
    ops.index[i] = index;
    if (ops.outcome[i]) ops.error[i] = number();
  }
  return ops;
}

function valueText(code, words) {
  if (code === 0) return 'nil';
  if (code % 2 === 0) return words[(code - 2) / 2];
  const zigzag = (code - 1) / 2;
  return String(zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2);
}

/* "[1 2]" of a cas is "1\u21922". */
function functionText(f, code, doc) {
  const text = valueText(code, doc.words);
  return doc.functions[f] === 'cas' ? text.replace(/^\[(\S+) (\S+)\]$/, '$1\u2192$2') : text;
}

/* "read 5", as the other drawings label it. */
function label(ops, i, doc) {
  const ok = ops.outcome[i] === 0;
  const code = ok && ops.result[i] !== 0 ? ops.result[i] : ops.argument[i];
  return doc.functions[ops.f[i]] + ' ' + (code === 0 && !ok ? '?' : functionText(ops.f[i], code, doc));
}

/* The first place in ascending values[from, to) that is not below x. */
function lowerBound(values, x, from, to) {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (values[middle] < x) from = middle + 1;
    else to = middle;
  }
  return from;
}

/* --- rows --- */

/* Processes that were not there at the same time share a row: those of a client that crashed, and
 * its next ones. Returns, by row: operations in order of time, and counts of those not ok. */
function makeRows(ops) {
  const lives = new Map();
  for (let i = 0; i < ops.count; i++) {
    const life = lives.get(ops.process[i]);
    if (!life) lives.set(ops.process[i], {process: ops.process[i], from: ops.begin[i], to: ops.end[i], n: 1});
    else {
      life.to = Math.max(life.to, ops.end[i]);
      life.n++;
    }
  }
  const order = [...lives.values()].sort((a, b) => a.from - b.from || a.process - b.process);
  const rows = [];
  for (const life of order) {
    let row = rows.find((r) => r.to < life.from);
    if (!row) rows.push(row = {first: life.process, to: 0, n: 0});
    row.first = Math.min(row.first, life.process);
    row.to = life.to;
    row.n += life.n;
    life.row = row;
  }
  rows.sort((a, b) => a.first - b.first);
  for (const row of rows) {
    row.ops = new Uint32Array(row.n);
    row.begin = new Float64Array(row.n);
    row.odd = new Uint32Array(row.n + 1);
    row.n = 0;
  }
  for (let i = 0; i < ops.count; i++) {
    const row = lives.get(ops.process[i]).row;
    row.ops[row.n] = i;
    row.begin[row.n] = ops.begin[i];
    row.odd[row.n + 1] = row.odd[row.n] + (ops.outcome[i] ? 1 : 0);
    row.n++;
  }
  return rows;
}

/* Which of a row's operations may be seen in [from, to): one more on the left, as it may reach in. */
function visible(row, from, to) {
  const first = lowerBound(row.begin, from, 0, row.n);
  return [Math.max(0, first - 1), lowerBound(row.begin, to, first, row.n)];
}

/* How many operations begin in each of `bins` parts of the time, and how many of them were not ok. */
function density(row, from, to, bins) {
  const all = new Uint32Array(bins), odd = new Uint32Array(bins);
  let before = lowerBound(row.begin, from, 0, row.n);
  for (let b = 0; b < bins; b++) {
    const after = lowerBound(row.begin, from + (to - from) * (b + 1) / bins, before, row.n);
    all[b] = after - before;
    odd[b] = row.odd[after] - row.odd[before];
    before = after;
  }
  return {all, odd};
}

/* --- the view --- */

/* A span of time [from, to] within [low, high], as near as can be, at least `least` long. */
function clampView(view, low, high, least) {
  const span = Math.min(Math.max(view.to - view.from, least), high - low);
  const from = Math.min(Math.max(view.from, low), high - span);
  return {from, to: from + span};
}

function zoom(view, factor, around) {
  return {from: around - (around - view.from) * factor, to: around + (view.to - around) * factor};
}

/* Times at round distances, at most `most`. */
function ticks(from, to, most) {
  const least = (to - from) / most, power = Math.pow(10, Math.floor(Math.log10(least)));
  const step = power * ([1, 2, 5].find((times) => power * times >= least) || 10), list = [];
  for (let i = Math.ceil(from / step); i * step <= to && list.length <= 2 * most; i++) list.push(i * step);
  return {step, list};
}

function timeText(time, step, timed) {
  if (!timed) return String(Math.round(time));
  const decimals = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step / 1e9) - 1e-9)));
  return (time / 1e9).toFixed(decimals) + ' s';
}

function durationText(ns) {
  if (ns >= 1e9) return (ns / 1e9).toPrecision(3) + ' s';
  if (ns >= 1e6) return (ns / 1e6).toPrecision(3) + ' ms';
  return ns >= 1e3 ? (ns / 1e3).toPrecision(3) + ' \u00b5s' : ns + ' ns';
}

/* Everything about an operation, for people. */
function sentence(ops, i, doc) {
  const at = doc.timed ? 'invoked at ' + timeText(ops.begin[i], 1e3, true) : 'event';
  const took = doc.timed && ops.outcome[i] !== 3 ? ' after ' + durationText(ops.end[i] - ops.begin[i]) : '';
  const same = ops.argument[i] === ops.result[i] || ops.outcome[i] === 3 || ops.result[i] === 0;
  const asked = ops.argument[i] === 0 && !same ? '' : ' ' + functionText(ops.f[i], ops.argument[i], doc);
  const words = same ? asked : asked + ', answered ' + functionText(ops.f[i], ops.result[i], doc);
  const error = ops.error[i] ? ' (' + doc.words[ops.error[i] - 1] + ')' : '';
  const outcome = OUTCOMES[ops.outcome[i]] + (ops.outcome[i] === 1 ? ', no effect' :
    ops.outcome[i] > 1 ? ', nobody knows whether it took effect' : '');
  return 'process ' + ops.process[i] + ': ' + doc.functions[ops.f[i]] + words + ' \u2014 ' + outcome +
    took + error + '; ' + (doc.timed ? at + ', event ' : 'event ') + ops.index[i] + ' of the history';
}

/* Where the operations of the violation are: their numbers, and the time they take, with some of the
 * operations before and after, if those are near. */
function violationOf(ops, key) {
  const numbers = [], marked = new Set();
  let failing = -1, from = Infinity, to = -Infinity;
  for (const index of key[4]) {
    const i = lowerBound(ops.index, index, 0, ops.count);
    if (i === ops.count || ops.index[i] !== index) continue;
    if (index === key[3]) failing = i;
    numbers.push(i);
    marked.add(i);
    from = Math.min(from, ops.begin[i]);
    to = Math.max(to, ops.end[i]);
  }
  const span = Math.max(to - from, 1), least = 0.25 * span, most = 20 * span;
  const first = Math.max(0, Math.min(...numbers) - 10), last = Math.min(ops.count - 1, Math.max(...numbers) + 10);
  if (numbers.length) {
    from -= Math.min(most, Math.max(least, from - ops.begin[first]));
    to += Math.min(most, Math.max(least, ops.begin[last] - to));
  }
  return {numbers, marked, failing, from, to};
}

/* {"key": "3", "from": "1.5"} of "#timeline&key=3&from=1.5". */
function hashOf(text) {
  const out = {};
  for (const part of text.replace(/^#/, '').split('&')) {
    const [name, value] = part.split('=');
    if (value !== undefined) out[name] = decodeURIComponent(value);
  }
  return out;
}

return {bytesOf, decode, valueText, label, lowerBound, makeRows, visible, density, clampView, zoom, ticks, timeText,
  durationText, sentence, violationOf, hashOf};
})();
if (typeof module !== 'undefined') module.exports = timelineModel;
