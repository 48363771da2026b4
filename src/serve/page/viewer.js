// SPDX-License-Identifier: MIT
// The goroutine viewer: one goroutine's life, its stack at T against the one before, its children; and playback.
import { Roll } from './roll.js';
import { fold } from './history.js';
import { h, put, ask, copy, commandOf, state, OWN, writeUrl, urlOf, link, clock, zone, span, count, many, short, shortGroup, place, say, table, matcher, families, swatch, share, lineChart, picking, later, css } from './lib.js';

const speeds = [[0.5, 2000], [1, 1000], [2, 500], [5, 200], [10, 100]]; // ms per sample, as gscrape's page had them
const FRAMES_MAX = 100000, RUNS_DRAWN = 200;

// Index of the last element at or before t; -1 when there is none.
function lastAt(list, t, of = x => x) {
	let lo = 0, hi = list.length;
	while (lo < hi) { const m = (lo + hi) >> 1; if (of(list[m]) <= t) lo = m + 1; else hi = m; }
	return lo - 1;
}

const same = (a, b) => a.func === b.func && a.file === b.file && a.line === b.line;

// Two stacks, root first, to rows [mark, frame], as the terminal marks them: from the root on, the same functions are the same
// path ("~" where the line differs); from the leaf on, equal frames are the same again; what is left in between is "~"
// pairwise, then "+" new or "-" gone.
export function diffStacks(was, now) {
	const a = now.length, b = was.length, least = Math.min(a, b), rows = [];
	let head = 0, tail = 0;
	while (head < least && was[head].func === now[head].func) head++;
	while (tail < least - head && same(was[b - 1 - tail], now[a - 1 - tail])) tail++;
	for (let i = 0; i < a - tail; i++)
		rows.push([i < head ? same(was[i], now[i]) ? ' ' : '~' : i < b - tail ? '~' : '+', now[i]]);
	for (let i = Math.max(a - tail, head); i < b - tail; i++) rows.push(['-', was[i]]);
	for (let i = a - tail; i < a; i++) rows.push([' ', now[i]]);
	return rows;
}

export const goroutine = {
	title: 'Goroutine',
	speed: 1,
	rootFirst: true,
	tell: later(say, 150), // where it rests
	async show(main, app) {
		this.app = app;
		this.main = main;
		this.timer = 0;
		this.life = this.play = null;
		this.listed = RUNS_DRAWN;
		main.append(this.form = this.ask());
		if (!state.host || !state.id) return void main.append(h('p', null, 'Choose a host and type the number of a goroutine; the groups of a host lead here, too.'));
		await this.load();
		this.build();
		this.draw();
	},
	// Host and id, the latter with completion.
	ask() {
		const ids = h('datalist', { id: 'ids' });
		const input = h('input', { id: 'gid', type: 'search', inputmode: 'numeric', list: 'ids', value: state.id, 'aria-label': 'Goroutine number', autocomplete: 'off', size: 12 });
		input.addEventListener('input', later(async () => {
			const host = state.host || this.select.value;
			if (!/^\d+$/.test(input.value) || !host) return;
			try {
				const d = await ask('api/v1/ids', { host, prefix: input.value, limit: 30 });
				ids.replaceChildren(...d.ids.map(i => h('option', { value: i })));
			} catch (e) { this.app.failed(e); }
		}, 150));
		const form = h('form', { class: 'bar', on: { submit: e => {
			e.preventDefault();
			if (/^\d+$/.test(input.value)) this.app.go({ view: 'goroutine', host: this.select.value, id: input.value, epoch: '', at: state.at, base: null, filter: '' });
			else this.app.failed(new Error('a goroutine is a number'));
		} } }, this.app.hostSelect(true), h('label', null, 'goroutine', input), ids, h('button', null, 'open'));
		this.select = form.querySelector('select');
		return form;
	},
	async load() {
		const who = { host: state.host, id: state.id, epoch: state.epoch, at: state.epoch ? null : state.at };
		this.life = await ask('api/v1/goroutine', { ...who, limit: 100000 });
		state.epoch = this.life.epoch;
		who.epoch = this.life.epoch;
		const [kids, up, frames] = await Promise.all([ask('api/v1/children', { ...who, limit: 100000 }), ask('api/v1/ancestors', who), this.samples()]);
		this.kids = kids.children;
		this.up = up;
		this.frames = frames;
	},
	// Times of the snapshots that have it. Failed ones bring nothing; where the next is far, there is a gap.
	async samples() {
		const times = [], { host, first, last } = this.life;
		for (let from = first; from !== null && times.length < FRAMES_MAX;) {
			const d = await ask('api/v1/snapshots', { host, from, to: last, as: 'columns', limit: 20000 });
			d.time.forEach((t, i) => { if (d.goroutines[i] !== null) times.push(t); });
			from = d.next;
		}
		return times;
	},
	at() { return Math.min(Math.max(state.at ?? this.life.last, this.life.first), this.life.last); },
	frame() { return Math.max(0, lastAt(this.frames, this.at())); },
	runAt(t) { return this.life.runs[Math.max(0, lastAt(this.life.runs, t, r => r.from))]; },
	stackOf(run) { return [...this.life.stacks[run.stack].frames].reverse(); },

	build() {
		const l = this.life, range = Math.max(1, l.last - l.first);
		this.slider = h('input', { type: 'range', class: 'time', id: 'slider', min: 0, max: range, step: Math.max(1, Math.floor(range / 5000)), 'aria-label': 'Time', on: {
			input: () => { this.stop(); this.toFrame(lastAt(this.frames, l.first + Number(this.slider.value))); } } });
		this.play = h('button', { type: 'button', id: 'play', 'aria-pressed': 'false', on: { click: () => this.toggle() } }, '▶ play');
		this.speedBox = h('select', { id: 'speed', 'aria-label': 'Speed', on: { change: () => this.setSpeed(Number(this.speedBox.value)) } },
			speeds.map(([x], i) => h('option', { value: i, selected: i === this.speed }, x + 'x')));
		const step = (label, title, fn) => h('button', { type: 'button', title, 'aria-label': title, on: { click: fn } }, label);
		this.counter = h('span', { id: 'counter' });
		this.badge = h('span', { class: 'badge', id: 'state' });
		this.lock = h('a', { id: 'waits', 'data-go': true, hidden: true });
		this.head = h('span', { id: 'summary', class: 'dim' });
		this.list = h('ol', { class: 'stack', id: 'stack', tabindex: 0, 'aria-label': 'Stack, root first' });
		this.lane = h('canvas', { class: 'lane', role: 'img', 'aria-label': 'State over time: ' + this.states() });
		this.kidBox = h('div', { class: 'chart low' }, this.cursor = h('div', { class: 'cursor' }), this.canvas = h('canvas', { role: 'img', 'aria-label': 'Children alive over time; the list below has them' }));
		this.kidList = h('div');
		this.filter = h('input', { type: 'search', id: 'filter', 'aria-label': 'Filter children', placeholder: 'filter: word !word', autocomplete: 'off', on: { input: () => {
			state.filter = this.filter.value; writeUrl(); this.children(); } } });
		this.filter.value = state.filter;
		this.main.append(...[
			h('h1', null, `g${l.id} `, l.user_func || l.func || ''),
			h('p', null, `${l.before ? 'from before' : 'born'} ${clock(l.first, true)}, ${l.ended ? `gone after ${clock(l.last, true)}` : 'alive'} (${this.bound() === '<=' && l.before ? '-' : this.bound() + span(l.last - l.first)}), ${many(l.total, 'run')}, life ${l.epoch} of the process; `,
				l.parent ? h('span', null, 'started by ', link({ view: 'goroutine', host: l.host, id: l.parent, epoch: l.epoch, at: state.at }, 'g' + l.parent, { id: 'parent' }), this.up[1] ? ' ' + short(this.up[1].user_func) : '') : 'parent unknown'),
			this.bound() ? h('p', { id: 'grouped' }, 'A grouped profile tells no identities, parents or creation sites: this one is made up, of as many as there were.') : null,
			this.ancestry(),
			this.lane, this.slider, h('div', { class: 'ends' }, h('span', null, clock(l.first)), h('span', { id: 'now' }), h('span', null, clock(l.last))), this.legend(),
			h('div', { class: 'bar' }, this.play, this.speedBox, step('◀', 'One sample back (h)', () => this.step(-1)), step('▶', 'One sample forward (l)', () => this.step(1)),
				step('[', 'Previous change', () => this.change(-1)), step(']', 'Next change', () => this.change(1)),
				this.pin = h('button', { type: 'button', 'aria-pressed': String(state.base !== null), title: 'Compare with this time (x)', on: { click: () => this.toggleBase() } }, 'pin'), this.counter, this.badge, this.lock),
			h('div', { class: 'cols' }, h('div', null, h('h2', null, 'Stack ', this.head), this.list, this.copies(), this.events()),
				h('div', null, h('h2', null, 'Children ', this.kidCount = h('span', { id: 'kids', class: 'dim' })), this.kidBox, h('div', { class: 'bar' }, this.filter), this.kidList))].filter(Boolean));
		picking(this.kidBox, () => this.chart, { range: a => this.toFrame(lastAt(this.frames, a)), time: t => this.toFrame(lastAt(this.frames, t)) });
		this.drawnStack = null;
		this.children();
		this.drawKids();
		this.drawLane();
	},
	copies() {
		const button = (what, text) => h('button', { type: 'button', on: { click: () => copy(`copied: ${what}`, text()).catch(this.app.failed) } }, what);
		return h('div', { class: 'bar', role: 'group', 'aria-label': 'Copy' }, 'copy', button('stack', () => this.stackText()),
			button('link', () => location.origin + location.pathname + urlOf()), button('command', commandOf));
	},
	// Its life as a list, built when it is opened; a time leads there.
	events() {
		const fill = box => { if (box.open && box.children.length === 1) this.runs(box, this.listed); }, box = fold('life', `Life: ${many(this.life.runs.length, 'run')}`, fill, { id: 'life' });
		fill(box); // at once where news came while it was open, or what is below would jump
		return box;
	},
	runs(box, many) {
		this.listed = many;
		const all = this.life.runs, go = r => { this.stop(); this.toFrame(lastAt(this.frames, r.from)); };
		put(box, box.firstElementChild, h('div', { class: 'life' }, table('Life', [['from'], ['state'], ['in'], ['for', 1]], all.slice(0, many), r => h('tr', null,
			h('td', null, h('button', { type: 'button', class: 'plain', on: { click: () => go(r) } }, clock(r.from, true))), h('td', null, r.state),
			h('td', { class: 'name', title: r.function }, shortGroup(r.function)), h('td', { class: 'n' }, span(r.lasted))))),
			all.length > many ? h('button', { type: 'button', on: { click: () => this.runs(box, many * 4) } }, 'show more') : null);
	},
	ancestry() {
		if (this.up.length < 2) return null;
		return h('p', { class: 'dim' }, 'ancestry: ', this.up.slice(1).reverse().flatMap(a => [link({ view: 'goroutine', host: a.host, id: a.id, epoch: a.epoch, at: state.at }, `g${a.id} ${short(a.user_func)}`), ' › ']), 'g' + this.life.id);
	},
	states() {
		const seen = {};
		for (const r of this.life.runs) seen[r.state] = (seen[r.state] || 0) + r.snapshots;
		return Object.entries(seen).sort((a, b) => b[1] - a[1]).map(([s, c]) => `${s} in ${many(c, 'sample')}`).join(', ');
	},
	// What the lane's colours mean, the most samples first.
	legend() {
		const seen = {};
		for (const r of this.life.runs) seen[r.family] = (seen[r.family] || 0) + r.snapshots;
		const all = Object.values(seen).reduce((a, b) => a + b, 0);
		return h('ul', { class: 'legend', 'aria-label': 'Colours of states' }, Object.entries(seen).sort((a, b) => b[1] - a[1]).map(([f, c]) => h('li', null, swatch(families[f][1]), `${families[f][0]} ${share(c, all)}`)));
	},
	drawLane() {
		const l = this.life, w = this.lane.width = Math.max(300, this.lane.clientWidth * devicePixelRatio | 0), c = this.lane.getContext('2d');
		const x = t => (t - l.first) / Math.max(1, l.last - l.first) * w;
		this.lane.height = 22;
		l.runs.forEach((r, i) => {
			const next = l.runs[i + 1];
			c.fillStyle = families[r.family][1];
			c.fillRect(x(r.from), 0, Math.max(1, x(next ? next.from : r.to) - x(r.from)), 22);
		});
		c.fillStyle = css('--bg'); // where no sample came for long, nothing is known
		const usual = this.frames.length > 2 ? (l.last - l.first) / (this.frames.length - 1) : Infinity;
		for (let i = 1; i < this.frames.length; i++)
			if (this.frames[i] - this.frames[i - 1] > 4 * usual + 1000) c.fillRect(x(this.frames[i - 1]) + 1, 0, x(this.frames[i]) - x(this.frames[i - 1]) - 2, 22);
	},
	drawKids() {
		this.kidBox.hidden = !this.kids.length;
		if (!this.kids.length) return;
		const { first, last } = this.life, steps = new Map();
		for (const k of this.kids) {
			steps.set(k.first, (steps.get(k.first) || 0) + 1);
			if (k.ended && k.last < last) steps.set(k.last + 1, (steps.get(k.last + 1) || 0) - 1); // there at the end, if last seen then
		}
		let alive = 0;
		const data = [...steps].filter(s => s[0] <= last).sort((a, b) => a[0] - b[0]).map(([x, d]) => ({ x, y: alive += d }));
		data.push({ x: last, y: alive });
		this.chart = lineChart(this.canvas, { label: 'children', from: first, to: Math.max(last, first + 1000), cursor: () => this.pointAt(this.at()) });
		this.chart.data.datasets = [{ data, stepped: true, borderColor: css('--accent'), backgroundColor: css('--accent') }];
		this.chart.update();
	},

	// --- moving through time ---
	toFrame(i) {
		i = Math.min(this.frames.length - 1, Math.max(0, i));
		this.app.setTime(this.frames[i]);
		this.drawSoon ||= requestAnimationFrame(() => { this.drawSoon = 0; if (this.life) this.draw(); }); // however many steps came
	},
	step(d) { this.stop(); this.toFrame(this.frame() + d); },
	change(d, of = r => r.stack) {
		this.stop();
		const runs = this.life.runs;
		let i = runs.indexOf(this.runAt(this.at()));
		const from = of(runs[i]);
		while (runs[i] && of(runs[i]) === from) i += d;
		if (!runs[i]) return say(d < 0 ? 'no earlier change' : 'no later change');
		while (d < 0 && runs[i - 1] && of(runs[i - 1]) === of(runs[i])) i--;
		this.toFrame(lastAt(this.frames, runs[i].from));
	},
	childEvent(d) {
		this.stop();
		const at = this.at(), times = [...new Set(this.kids.flatMap(k => k.ended ? [k.first, k.last] : [k.first]))].sort((a, b) => a - b);
		const t = d > 0 ? times.find(x => x > at) : times.filter(x => x < at).at(-1);
		if (t === undefined) return say('no more births or deaths there');
		this.toFrame(lastAt(this.frames, t));
	},
	// Playback that leaves out the samples in which nothing changes.
	nextChange() {
		const run = this.life.runs.find(r => r.from > this.at());
		this.toFrame(run ? lastAt(this.frames, run.from) : this.frames.length - 1);
	},
	async sibling(d) {
		if (!this.life.parent) return say('no parent, no siblings');
		const all = (await ask('api/v1/children', { host: state.host, id: this.life.parent, epoch: this.life.epoch, limit: 100000 })).children;
		const next = all[all.findIndex(k => k.id === this.life.id) + d];
		if (next) return this.app.go({ id: next.id, filter: '' });
		say('no more siblings there');
	},
	stackText() {
		return this.life.stacks[this.runAt(this.at()).stack].frames.map(f => `${f.func}(...)\n\t${f.file}:${f.line}`).join('\n');
	},
	toggle() { if (this.timer) this.stop(); else this.start(); },
	start() {
		if (this.frame() >= this.frames.length - 1) this.toFrame(0);
		this.origin = { frame: this.frame(), time: performance.now() };
		let last = performance.now();
		const tick = () => { // the frame follows from the clock: a slow machine skips, and never plays in slow motion
			if (this.skip && performance.now() - last >= speeds[this.speed][1]) { last = performance.now(); this.nextChange(); }
			const want = this.skip ? this.frame() : this.origin.frame + Math.floor((performance.now() - this.origin.time) / speeds[this.speed][1]);
			if (want !== this.frame()) this.toFrame(want);
			if (this.frame() >= this.frames.length - 1) this.stop();
		};
		this.timer = setInterval(tick, 50);
		this.play.textContent = '❚❚ pause';
		this.play.setAttribute('aria-pressed', 'true');
	},
	stop() {
		clearInterval(this.timer);
		this.timer = 0;
		if (!this.play) return;
		this.play.textContent = '▶ play';
		this.play.setAttribute('aria-pressed', 'false');
		writeUrl();
	},
	setSpeed(i) {
		this.speed = Math.min(speeds.length - 1, Math.max(0, i));
		this.speedBox.value = this.speed;
		if (this.timer) this.origin = { frame: this.frame(), time: performance.now() };
		say(`speed ${speeds[this.speed][0]}x`);
	},
	toggleBase() {
		state.base = state.base === null ? this.at() : null;
		this.pin.setAttribute('aria-pressed', String(state.base !== null));
		writeUrl();
		this.draw();
	},

	// --- drawing ---
	draw(quietly) {
		const t = this.at(), i = this.frame(), run = this.runAt(t), base = state.base ?? this.frames[i - 1] ?? t, was = this.runAt(base);
		this.slider.value = t - this.life.first;
		this.slider.setAttribute('aria-valuetext', `${clock(t, true)} ${zone()}, ${run.state}`);
		document.getElementById('now').textContent = `${clock(t, true)} ${zone()}`;
		this.counter.textContent = `frame ${i + 1}/${this.frames.length}`;
		this.badge.textContent = run.state + (run.minutes ? `, ${run.minutes} min` : '') + (was.state !== run.state ? ` (was ${was.state})` : '');
		this.badge.style.borderColor = families[run.family][1];
		this.lock.hidden = !run.wait_object || !'LW'.includes(run.family);
		if (!this.lock.hidden) {
			this.lock.textContent = 'waits for ' + run.wait_object;
			this.lock.href = urlOf({ ...OWN, view: 'locks', id: '', epoch: '', base: '', at: state.at, open: run.wait_object });
		}
		this.drawStack(run, was);
		if (!this.kidBox.parentElement.hidden) this.marks();
		this.pointAt(t);
		if (!this.timer && !(quietly && run.state === this.said)) this.tell(`${clock(t)} ${run.state}`);
		this.said = run.state;
	},
	// The time in the chart of children, which is drawn once for all times.
	pointAt(t) {
		if (!this.chart || this.kidBox.parentElement.hidden) return;
		const { chartArea: a, scales: { x } } = this.chart;
		Object.assign(this.cursor.style, { top: a.top + 'px', height: a.height + 'px', transform: `translateX(${x.getPixelForValue(t)}px)` });
		if (this.drawnBase === state.base) return;
		this.drawnBase = state.base;
		this.chart.draw();
	},
	drawStack(run, was) {
		const key = [run.stack, was.stack, this.rootFirst, this.whole, state.base].join();
		if (this.drawnStack === key) return;
		this.drawnStack = key;
		const rows = diffStacks(this.stackOf(was), this.stackOf(run)), marks = { '+': 0, '-': 0, '~': 0, ' ': 0 }, all = f => `${f.file || ''}:${f.line || ''}`;
		const names = { '+': ['add', 'new'], '-': ['del', 'gone'], '~': ['chg', 'changed'], ' ': ['', ''] };
		const cut = this.life.stacks[run.stack], gap = ['dim', '', '', '...frames elided...', ''];
		const items = rows.flatMap(([m, f]) => {
			marks[m]++;
			const item = [names[m][0], `${f.func} ${all(f)}`, m, short(f.func), this.whole ? all(f) : place(f)];
			return cut.elided && f === cut.frames[cut.elided_at] ? [item, gap] : [item];
		});
		if (cut.elided && cut.elided_at === cut.frames.length) items.unshift(gap);
		const created = this.life.created_by;
		if (created) items.unshift(['dim', `${created.func} ${all(created)}`, '', 'created by ' + short(created.func), place(created)]);
		if (!this.rootFirst) items.reverse();
		// A row that is as it was stays: another one would be styled and laid out anew at each step of the slider.
		const had = [...this.list.children];
		items.forEach(([cls, title, mark, name, at], i) => {
			const key = [cls, title, mark, name, at].join('\n');
			if (had[i]?.key === key) return;
			const li = h('li', { class: cls, title }, h('span', { 'aria-label': names[mark]?.[1] || null }, mark), h('span', null, name), h('span', { class: 'file' }, at));
			li.key = key;
			if (had[i]) had[i].replaceWith(li); else this.list.append(li);
		});
		had.slice(items.length).forEach(li => li.remove());
		this.head.textContent = `${many(cut.frames.length, 'frame')}${cut.elided ? ' (some elided)' : ''} ~${marks['~']} +${marks['+']} -${marks['-']} against ${state.base === null ? 'the sample before' : clock(state.base)}`;
	},
	// How exact its times are: of a made-up identity they are bounds.
	bound() {
		return !this.life.runs.some(r => r.bound) ? '' : this.life.ended ? '>=' : '<=';
	},
	// The list of children; what changes with time is in marks().
	children() {
		const match = matcher(state.filter), shown = this.kids.filter(k => match(`g${k.id} ${k.func || ''} ${k.user_func || ''}`)), by = (x, y) => x - y;
		this.shown = { n: shown.length, first: shown.map(k => k.first).sort(by), last: shown.filter(k => k.ended).map(k => k.last).sort(by) };
		if (!this.roll) {
			this.roll = new Roll({ name: 'List of children', table: 'Children', cls: 'kids', row: k => this.child(k), seen: null,
				heads: [['*', 0, 'tiny'], ['goroutine', 1, 'fit'], ['in'], ['from – to', 1, 'long'], ['for', 1, 'wide fit']] });
			// A link leads to the time that is looked at when it is followed.
			for (const event of ['pointerover', 'focusin']) this.roll.box.addEventListener(event, e => {
				const a = e.target.closest('a');
				if (a) a.href = urlOf({ view: 'goroutine', id: a.textContent.slice(1), epoch: this.life.epoch, base: '', filter: '', at: this.at() });
			});
			put(this.kidList, this.roll.box);
		}
		this.roll.set(shown);
		this.marks();
	},
	child(k) {
		const now = !k.ended && this.app.scraped(this.life.host) ? 'now' : clock(k.last);
		const tr = h('tr', null, h('td', { class: 'there' }, h('span', { role: 'img', 'aria-label': 'active' }, '*')), h('td', { class: 'n' }, link({ view: 'goroutine', host: this.life.host, id: k.id, epoch: this.life.epoch }, 'g' + k.id)),
			h('td', { class: 'name', title: k.func }, short(k.user_func || k.func)), h('td', { class: 'n' }, `${clock(k.first)}–${now}`), h('td', { class: 'n wide' }, span(k.last - k.first)));
		this.mark(k, tr, this.at());
		return tr;
	},
	mark(k, tr, t) {
		const alive = k.first <= t && (!k.ended || k.last >= t);
		if (alive === tr.alive) return;
		tr.alive = alive;
		tr.cells[0].firstChild.style.visibility = alive ? 'visible' : 'hidden'; // which no other row's place depends on
	},
	marks() {
		const t = this.at(), n = this.shown;
		this.roll.each((k, tr) => this.mark(k, tr, t));
		this.kidCount.textContent = `${n.n}/${this.kids.length}, ${lastAt(n.first, t) + 1 - (lastAt(n.last, t - 1) + 1)} active (*)`;
	},
	async refresh(fresh) {
		if (this.life && !fresh) return this.draw();
		if (!this.life || !fresh || this.life.ended || this.timer) return;
		await this.load();
		this.close();
		this.main.replaceChildren(this.form);
		this.build();
		this.draw(true);
	},
	acts: {
		prev() { this.step(-1); }, next() { this.step(1); }, play() { this.toggle(); },
		slower() { this.setSpeed(this.speed - 1); }, faster() { this.setSpeed(this.speed + 1); },
		'prev-change'() { this.change(-1); }, 'next-change'() { this.change(1); },
		'prev-state'() { this.change(-1, r => r.state); }, 'next-state'() { this.change(1, r => r.state); },
		'prev-child'() { this.childEvent(-1); }, 'next-child'() { this.childEvent(1); },
		start() { this.stop(); this.toFrame(0); }, end() { this.stop(); this.toFrame(this.frames.length - 1); },
		pin() { this.toggleBase(); }, parent() { document.getElementById('parent')?.click(); },
		'root-first'() { this.rootFirst = !this.rootFirst; this.draw(); },
		skip() { this.skip = !this.skip; this.origin = { frame: this.frame(), time: performance.now() }; say(this.skip ? 'playback skips unchanged samples' : 'playback shows every sample'); },
		'two-lines'() { this.whole = !this.whole; this.draw(); },
		'next-sibling'() { return this.sibling(1); }, 'prev-sibling'() { return this.sibling(-1); },
		'who-else'() { const f = this.life.user_func || this.life.func; return f ? this.app.go({ view: 'functions', filter: `^${f}$`, id: '', epoch: '', base: null }) : null; },
		children() { this.kidBox.parentElement.hidden = !this.kidBox.parentElement.hidden; this.draw(); },
		cancel() { this.stop(); },
	},
	ready() { return this.play && this.life; },
	close() {
		cancelAnimationFrame(this.drawSoon);
		this.drawSoon = 0;
		clearInterval(this.timer);
		this.timer = 0;
		this.roll?.close();
		if (this.chart) this.chart.destroy();
		this.chart = this.roll = null;
	},
};
