// SPDX-License-Identifier: MIT
// All hosts, each or together by a label: a chart, a table, what moved. A view is an object: show(main) builds it, refresh() draws
// new data, keys are its own.
import { h, put, complain, ask, choice, keepFocus, state, writeUrl, link, spark, when, count, say, atLeast, matcher, table, sortAsAsked, color, labelsOf, NO_LABELS } from './lib.js';
import { History, scales, LINES, n, filterBox, timeKeys, unknown, whatMoved, chartOf, opened, openRow } from './history.js';

const MOVED = 12, PIECES = 60, AT_ONCE = 4;
// What is known of none is not known; else the sum of what is.
const sum = list => list.reduce((all, x) => x === null || x === undefined ? all : (all ?? 0) + x, null);
const end = (list, which) => list.some(x => x !== null) ? which(...list.filter(x => x !== null)) : null;

// The hosts that say the same of themselves, as one row and one line; those that say nothing come last.
function together(hosts, key) {
	const groups = new Map();
	for (const x of hosts) {
		const pair = labelsOf(x).find(([k]) => k === key), of = pair ? pair.join('=') : key;
		groups.set(of, [...groups.get(of) ?? [], x]);
	}
	const all = (m, name) => m.map(x => x[name]);
	return [...groups].sort(([a], [b]) => (a === key) - (b === key) || a.localeCompare(b, 'en', { numeric: true })).map(([of, m], place) => ({
		host: of === key ? `without ${key}` : of, of, members: m, place, labels: '', first: end(all(m, 'first'), Math.min), last: end(all(m, 'last'), Math.max), goroutines: null, goroutines_last: sum(all(m, 'goroutines_last')), now: sum(all(m, 'now')),
		snapshots: sum(all(m, 'snapshots')), failed: sum(all(m, 'failed')), epochs: sum(all(m, 'epochs')), last_good: end(all(m, 'last_good'), Math.max), interval: end(all(m, 'interval'), Math.max), down: m.filter(x => x.down_since !== null).length, down_since: null, status: 'ok' }));
}

export const overview = {
	title: 'Overview',
	sorting: { by: 0, down: false },
	known: {}, // of each host at T, while there is one
	columns: [['host', 0, '', x => x.place], ['last', 1, '', x => x.goroutines_last], ['now', 1, '', x => x.now], ['most', 1, '', x => x.goroutines],
		['over time', 0, 'wide mid'], ['suspect', 1, 'wide', x => overview.suspect(x)?.score ?? null], ['snapshots', 1, 'wide far', x => x.snapshots], ['failed', 1, 'wide far', x => x.failed], ['lives', 1, 'wide far', x => x.epochs], ['measured', 1, '', x => x.last_good], ['at T', 1, '', x => overview.atT(x)]],
	get heads() { return state.at === null ? this.columns.slice(0, -1) : this.columns; },
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		this.seen = new IntersectionObserver(all => all.filter(x => x.isIntersecting).forEach(x => this.sparkSoon(x.target)));
		this.sparks = new Map();
		choice('scale', scales.map(([v]) => v));
		this.history = new History({ scaled: true, name: 'Goroutines of all hosts over time; the table below has the numbers', hosts: () => this.shown().sort((a, b) => (b.goroutines ?? b.goroutines_last) - (a.goroutines ?? a.goroutines_last)),
			aloneNow: () => keepFocus(() => this.rows()), moved: t => { app.setTime(t); this.refresh(); }, zoomed: () => this.diff() });
		sortAsAsked(this.sorting, this.heads);
		this.list = h('div');
		const keys = this.keys(), wrong = state.label && !keys.includes(state.label) ? `no host has a label "${state.label}"` : null;
		if (wrong) state.label = '';
		this.select = h('select', { id: 'label', 'aria-label': 'Hosts by', on: { change: () => this.byLabel(this.select.value) } }, h('option', { value: '' }, 'each by itself'),
			keys.map(k => h('option', { value: k, selected: k === state.label }, 'by ' + k)));
		main.append(h('h1', null, 'All hosts'), this.history.box,
			this.history.bar(), h('div', { class: 'bar' }, app.timeLabel(), app.pinButton(), h('label', null, 'scale', this.history.scales()), keys.length ? h('label', null, 'hosts', this.select) : '',
				filterBox('hosts', () => { this.rows(); this.history.draw().catch(app.failed); })),
			this.list, this.moved = h('div'));
		this.rows();
		await this.history.draw();
		await this.diff();
		if (wrong) complain(new Error(wrong));
		this.marks().catch(e => app.failed(e));
	},
	async refresh(fresh) {
		this.rows();
		if (fresh) await this.history.draw(); else this.history.update();
		await this.diff();
		if (fresh) await this.marks();
	},
	async marks() {
		await this.app.loadLeaks();
		if (this.list.isConnected) this.rows();
	},
	keys() { return [...new Set(this.app.hosts.flatMap(x => labelsOf(x).map(([k]) => k)))].sort(); },
	byLabel(key) {
		Object.assign(state, { label: key, open: '', only: '' });
		this.select.value = key;
		writeUrl();
		say(key ? `hosts by ${key}` : 'each host by itself');
		return Promise.all([this.history.draw(), this.diff()]).catch(this.app.failed);
	},
	shown() {
		const match = matcher(state.filter), hosts = this.app.hosts.map((x, i) => ({ ...x, place: i }));
		return (state.label ? together(hosts, state.label) : hosts).filter(x => match(x.host + ' ' + x.labels));
	},
	each: x => x.members ?? [x],
	// The likeliest of them that leaks, if any does.
	suspect(x) { return this.each(x).map(m => this.app.suspect(m.host)).filter(Boolean).sort((a, b) => b.score - a.score)[0]; },
	atT(x) { return sum(this.each(x).map(m => this.known[m.host]?.goroutines)); },
	suspicion(x) {
		const s = this.suspect(x);
		return s ? link({ view: 'leaks', host: s.host }, s.score.toFixed(2), { class: 'verdict-' + s.verdict, title: s.verdict }) : '-';
	},
	// How many there were: of hosts that can be seen it is asked, a few at a time.
	sparkCell(x) {
		const td = h('td', { class: 'wide mid' }), [from, to] = this.history.window(), key = [x.host, from, to, x.last].join(), known = this.sparks.get(key);
		Object.assign(td, { key, ask: () => chartOf(x, { from, to, buckets: PIECES }) });
		if (known) put(td, known.cloneNode(true)); else if (x.first !== null && x.first <= to && x.last >= from) this.seen.observe(td);
		return td;
	},
	sparkSoon(td) {
		this.seen.unobserve(td);
		this.wanted.push(td);
		while (this.asking < AT_ONCE && this.wanted.length) this.sparkNext().catch(complain);
	},
	wanted: [],
	asking: 0,
	async sparkNext() {
		const td = this.wanted.pop(), mine = this.sparks;
		this.asking++;
		try {
			const b = td.isConnected ? (await td.ask()).buckets : [];
			if (!b.length || mine !== this.sparks) return;
			mine.set(td.key, spark(b.map(p => p.max)));
			put(td, mine.get(td.key).cloneNode(true));
		} finally {
			this.asking--;
			if (this.wanted.length) this.sparkNext().catch(complain);
		}
	},
	rows() {
		const things = this.shown(), what = state.label ? 'groups of hosts' : 'hosts';
		this.reopen = [];
		put(this.list, things.length > LINES ? h('p', { class: 'dim' }, `The ${LINES} largest of ${things.length} ${what} are drawn: filter to see others.`) : null,
			this.app.hosts.length ? table('Hosts', this.heads, things, x => this.row(x), this.sorting) : h('p', null, 'The store has no host yet. Start gscrape-tui --scrape on it, and they appear here.'));
		this.reopen.forEach(open => open());
	},
	row(x, within) {
		const leak = this.suspect(x)?.verdict === 'leak', tr = h('tr', null,
			h('td', { class: 'name' }, within ? null : this.history.swatch(x.host, color(x.place)), leak ? link({ view: 'leaks', host: x.members ? '' : x.host }, '!', { class: 'verdict-leak', title: 'leaks', 'aria-label': x.host + ' leaks' }) : null, ' ',
				x.members ? this.opener(x, () => tr) : link({ view: 'host', host: x.host }, x.host), x.labels ? h('span', { class: 'dim' }, ' ' + x.labels) : null,
				x.members ? h('span', { class: 'dim' }, ` ${count(x.members.length)} host${x.members.length === 1 ? '' : 's'}`, x.down ? h('span', { class: 'down' }, `, ${count(x.down)} down`) : null) : null,
				x.down_since === null ? null : h('div', { class: 'down' }, `down since ${when(x.down_since)}: ${x.why || 'no answer'}`),
				this.known[x.host]?.unknown ? h('div', { class: 'dim' }, unknown(this.known[x.host])) : null),
			n(count(x.goroutines_last) + atLeast(x)), n(count(x.now) + (x.now === null ? '' : atLeast(x))), n(count(x.goroutines)), this.sparkCell(x), n(this.suspicion(x), 'wide'), n(count(x.snapshots), 'wide far'), n(count(x.failed), 'wide far'), n(count(x.epochs), 'wide far'), n(when(x.last_good)), state.at === null ? null : n(count(this.atT(x))));
		return tr;
	},
	// A group's name, below which its hosts come.
	opener(x, tr) {
		const open = () => openRow({ tr: tr(), name: x.of, button, failed: this.app.failed, content: () => [table(`Hosts: ${x.host}`, this.heads, x.members, m => this.row(m, true))] });
		const button = h('button', { class: 'plain', type: 'button', 'aria-expanded': 'false', on: { click: open } }, x.host);
		if (opened().includes(x.of)) this.reopen.push(open);
		return button;
	},
	// What moved since the pinned time, or over the window.
	async diff() {
		const [from, to] = [state.base ?? this.history.window()[0], state.at ?? this.history.window()[1]];
		this.known = state.at === null ? {} : Object.fromEntries((await ask('api/v1/hosts', { at: state.at })).map(x => [x.host, x.known]));
		this.rows();
		if (from >= to) return;
		put(this.moved, await whatMoved({ from, to: state.at ?? state.to, of: state.label, limit: MOVED }, to)); // without an end: each host's own
	},
	acts: {
		...timeKeys,
		'by-label'() {
			const keys = this.keys();
			return keys.length ? this.byLabel(['', ...keys][(keys.indexOf(state.label) + 2) % (keys.length + 1)]) : say(NO_LABELS);
		},
		'one-scale'() { this.history.rescale(state.scale === 'own' ? '' : 'own'); },
	},
	ready() { return this.app.hosts.length; },
	close() {
		this.seen.disconnect();
		this.history.close();
	},
};
