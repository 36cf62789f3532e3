// node timeline_model_test.js: the functions that the timeline of a page is drawn by.
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const m = require(path.join(__dirname, '../../report/assets/timeline_model.js'));

/* Packs as report/timeline_data.c does. */
function pack(operations) {
  const bytes = [];
  const put = (number) => {
    for (; number > 127; number = Math.floor(number / 128)) bytes.push(number % 128 + 128);
    bytes.push(number);
  };
  const zigzag = (number) => number < 0 ? -2 * number - 1 : 2 * number;
  let time = 0, index = 0;
  for (const op of operations) {
    put(zigzag(op.begin - time));
    put(op.end - op.begin);
    put(op.process);
    put(4 * op.f + op.outcome);
    put(op.argument);
    put(op.result === op.argument ? 0 : 1 + op.result);
    put(op.index - index);
    if (op.outcome) put(op.error);
    time = op.begin;
    index = op.index;
  }
  return Uint8Array.from(bytes);
}

/* A small generator with a seed. */
function numbers(seed) {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 4294967296 * below);
  };
}

function history(count, seed) {
  const random = numbers(seed), operations = [], free = [], names = [];
  let time = 0, next = 5;
  for (let i = 0; i < count; i++) {
    const worker = random(5);
    time += random(1e6);
    const begin = Math.max(time, free[worker] || 0), outcome = random(10) ? 0 : random(3) + 1;
    names[worker] = names[worker] === undefined ? worker : names[worker];
    const end = outcome === 3 ? begin : begin + random(5e6);
    operations.push({begin, end, process: names[worker], f: random(2), outcome, argument: random(9), result: random(9), error: outcome ? random(2) : 0});
    if (outcome > 1) names[worker] = next++;
    free[worker] = end + 1;
  }
  operations.sort((a, b) => a.begin - b.begin);
  operations.forEach((op, i) => { op.index = 3 * i; });
  return operations;
}

test('operations are read as they were packed', () => {
  for (let seed = 0; seed < 200; seed++) {
    const operations = history(60, seed), ops = m.decode(pack(operations), operations.length);
    operations.forEach((op, i) => {
      for (const column of ['begin', 'end', 'process', 'f', 'outcome', 'argument', 'result', 'index', 'error'])
        assert.strictEqual(ops[column][i], op[column], column);
    });
  }
});

test('times of years are read exactly', () => {
  const op = {begin: 2 ** 52 - 9, end: 2 ** 52 - 2, process: 2 ** 31 - 1, f: 70, outcome: 2, argument: 1, result: 0, index: 4e9, error: 1};
  const ops = m.decode(pack([op]), 1);
  assert.deepStrictEqual([ops.begin[0], ops.end[0], ops.process[0], ops.f[0], ops.index[0]], [op.begin, op.end, op.process, 70, 4e9]);
});

test('base64 gives the bytes back', () => {
  const bytes = Uint8Array.from({length: 256}, (_, i) => i);
  assert.deepStrictEqual(m.bytesOf(Buffer.from(bytes).toString('base64')), bytes);
});

test('values are as people write them', () => {
  const words = ['\u2026', '"a"'];
  assert.deepStrictEqual([0, 1, 3, 5, 7, 2, 4].map((code) => m.valueText(code, words)), ['nil', '0', '-1', '1', '-2', '\u2026', '"a"']);
});

test('labels are those of the other drawings', () => {
  const doc = {timed: true, functions: ['read', 'cas'], words: ['\u2026', '[1 2]', 'refused']};
  const ops = m.decode(pack([
    {begin: 0, end: 5e3, process: 3, f: 0, outcome: 0, argument: 0, result: 21, index: 0},
    {begin: 1, end: 2, process: 4, f: 0, outcome: 1, argument: 0, result: 0, index: 2, error: 3},
    {begin: 1, end: 1, process: 5, f: 1, outcome: 3, argument: 4, result: 0, index: 4, error: 0},
  ]), 3);
  assert.deepStrictEqual([0, 1, 2].map((i) => m.label(ops, i, doc)), ['read 5', 'read ?', 'cas 1\u21922']);
  assert.match(m.sentence(ops, 0, doc), /^process 3: read, answered 5 \u2014 ok after 5\.00 \u00b5s; invoked at 0\.000000 s, event 0 /);
  assert.match(m.sentence(ops, 1, doc), /fail, no effect after 1 ns \(refused\)/);
  assert.match(m.sentence(ops, 2, doc), /cas 1\u21922 \u2014 never answered, nobody knows/);
});

test('rows hold every operation once, and none of a row overlap', () => {
  for (let seed = 0; seed < 300; seed++) {
    const ops = m.decode(pack(history(80, seed)), 80), rows = m.makeRows(ops), seen = new Set();
    for (const row of rows) {
      for (let n = 0; n < row.n; n++) {
        seen.add(row.ops[n]);
        assert.strictEqual(row.begin[n], ops.begin[row.ops[n]]);
        if (n) assert.ok(ops.end[row.ops[n - 1]] < row.begin[n], 'overlap');
      }
      assert.strictEqual(row.odd[row.n], [...row.ops].filter((i) => ops.outcome[i]).length);
    }
    assert.strictEqual(seen.size, 80);
    assert.ok(rows.length <= 5, 'a client that crashed and its next ones share a row');
  }
});

test('what is visible and how dense agrees with counting', () => {
  const random = numbers(5);
  for (let seed = 0; seed < 200; seed++) {
    const ops = m.decode(pack(history(80, seed)), 80), end = ops.begin[79];
    const from = random(end), to = from + 1 + random(end - from), bins = 1 + random(30);
    for (const row of m.makeRows(ops)) {
      const inside = [...row.ops].filter((i) => ops.begin[i] >= from && ops.begin[i] < to);
      const reaching = [...row.ops].filter((i) => ops.begin[i] < to && ops.end[i] >= from);
      const [first, last] = m.visible(row, from, to), shown = [...row.ops.slice(first, last)];
      for (const i of reaching) assert.ok(shown.includes(i));
      assert.ok(shown.length <= inside.length + 1);
      const {all, odd} = m.density(row, from, to, bins);
      assert.strictEqual(all.reduce((a, b) => a + b, 0), inside.length);
      assert.strictEqual(odd.reduce((a, b) => a + b, 0), inside.filter((i) => ops.outcome[i]).length);
    }
  }
});

test('a view stays within the history, and zooming keeps its place', () => {
  assert.deepStrictEqual(m.clampView({from: -10, to: 20}, 0, 100, 1), {from: 0, to: 30});
  assert.deepStrictEqual(m.clampView({from: 90, to: 120}, 0, 100, 1), {from: 70, to: 100});
  assert.deepStrictEqual(m.clampView({from: -50, to: 200}, 0, 100, 1), {from: 0, to: 100});
  assert.deepStrictEqual(m.clampView({from: 50, to: 50.1}, 0, 100, 4), {from: 50, to: 54});
  assert.deepStrictEqual(m.zoom({from: 0, to: 100}, 0.5, 20), {from: 10, to: 60});
});

test('ticks are few, round, and within the view', () => {
  const random = numbers(9);
  for (let i = 0; i < 2000; i++) {
    const from = random(1e9), to = from + 1 + random(10 ** (1 + random(9))), most = 2 + random(12);
    const {step, list} = m.ticks(from, to, most);
    assert.ok(list.length <= most + 1 && list.every((t) => t >= from - step * 1e-6 && t <= to + step * 1e-6));
    assert.ok([1, 2, 5].includes(Math.round(step / 10 ** Math.floor(Math.log10(step) + 1e-9))), String(step));
    assert.ok(step * most >= (to - from) * 0.999 && step * most <= (to - from) * 10);
  }
  assert.strictEqual(m.timeText(1.5e9, 1e8, true), '1.5 s');
  assert.strictEqual(m.timeText(1.5e9, 1e9, true), '2 s');
  assert.strictEqual(m.timeText(17, 1, false), '17');
});

test('the violation is found by the indexes of its operations', () => {
  const operations = history(80, 4), ops = m.decode(pack(operations), 80);
  const found = m.violationOf(ops, ['1', 80, 80, 30, [15, 30, 31, 3000]]);
  assert.deepStrictEqual(found.numbers, [5, 10]);
  assert.strictEqual(found.failing, 10);
  assert.ok(found.from < ops.begin[5] && found.to > ops.end[10]);
  assert.ok(found.from <= ops.begin[3] && found.to >= ops.begin[12], 'with operations around it');
  assert.strictEqual(m.violationOf(ops, ['1', 80, 80, -1, []]).failing, -1);
  const alone = m.decode(pack([
    {begin: 0, end: 1, process: 0, f: 0, outcome: 0, argument: 1, result: 1, index: 0},
    {begin: 1e9, end: 1e9 + 100, process: 0, f: 0, outcome: 0, argument: 1, result: 1, index: 2},
  ]), 2);
  assert.ok(m.violationOf(alone, ['', 2, 2, 2, [2]]).from >= 1e9 - 2000, 'not those that are far away');
});

test('a link says what is shown', () => {
  assert.deepStrictEqual({...m.hashOf('#timeline&key=a%20b&from=1.5&do=in,all')}, {key: 'a b', from: '1.5', do: 'in,all'});
});
