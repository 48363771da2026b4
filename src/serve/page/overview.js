// SPDX-License-Identifier: MIT
// All hosts: a chart, a table, what moved. A view is an object: show(main) builds it, refresh() draws new data, keys are its own.
import { h, put, ask, complain, state, link, spark, when, count, atLeast, matcher, table, sortAsAsked, swatch, color } from './lib.js';
import { History, LINES, n, filterBox, timeKeys, unknown, whatMoved } from './history.js';

const MOVED = 12, PIECES = 60, AT_ONCE = 4;

export const overview = {
	title: 'Overview',
	sorting: { by: 0, down: false },
	known: {}, // of each host at T, while there is one
	columns: [['host', 0, '', x => x.place], ['last', 1, '', x => x.goroutines_last], ['now', 1, '', x => x.now], ['most', 1, '', x => x.goroutines],
		['over time', 0, 'wide mid'], ['suspect', 1, 'wide', x => overview.app.suspect(x.host)?.score ?? null], ['snapshots', 1, 'wide far', x => x.snapshots], ['failed', 1, 'wide far', x => x.failed], ['lives', 1, 'wide far', x => x.epochs], ['measured', 1, '', x => x.last_good], ['at T', 1, '', x => overview.known[x.host]?.goroutines ?? null]],
	get heads() { return state.at === null ? this.columns.slice(0, -1) : this.columns; },
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		this.seen = new IntersectionObserver(all => all.filter(x => x.isIntersecting).forEach(x => this.sparkSoon(x.target)));
		this.sparks = new Map();
		this.history = new History({ scaled: true, name: 'Goroutines of all hosts over time; the table below has the numbers', hosts: () => this.shown().sort((a, b) => b.goroutines - a.goroutines),
			moved: t => { app.setTime(t); this.refresh(); }, zoomed: () => this.diff() });
		sortAsAsked(this.sorting, this.heads);
		this.list = h('div');
		main.append(h('h1', null, 'All hosts'), this.history.box,
			this.history.bar(), h('div', { class: 'bar' }, app.timeLabel(), app.pinButton(), h('label', null, 'scale', this.history.scales()),
				filterBox('hosts', () => { this.rows(); this.history.draw().catch(app.failed); })),
			this.list, this.moved = h('div'));
		this.rows();
		await this.history.draw();
		await this.diff();
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
	shown() {
		const match = matcher(state.filter);
		return this.app.hosts.map((x, i) => ({ ...x, place: i })).filter(x => match(x.host + ' ' + x.labels));
	},
	suspicion(x) {
		const s = this.app.suspect(x.host);
		return s ? link({ view: 'leaks', host: x.host }, s.score.toFixed(2), { class: 'verdict-' + s.verdict, title: s.verdict }) : '-';
	},
	// How many there were: of hosts that can be seen it is asked, a few at a time.
	sparkCell(x) {
		const td = h('td', { class: 'wide mid' }), [from, to] = this.history.window(), key = [x.host, from, to, x.last].join(), known = this.sparks.get(key);
		Object.assign(td, { key, ask: { host: x.host, from, to, buckets: PIECES } });
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
			const b = td.isConnected ? (await ask('api/v1/snapshots', td.ask)).buckets : [];
			if (!b.length || mine !== this.sparks) return;
			mine.set(td.key, spark(b.map(p => p.max)));
			put(td, mine.get(td.key).cloneNode(true));
		} finally {
			this.asking--;
			if (this.wanted.length) this.sparkNext().catch(complain);
		}
	},
	rows() {
		const hosts = this.shown();
		put(this.list, hosts.length > LINES ? h('p', { class: 'dim' }, `The ${LINES} largest of ${hosts.length} hosts are drawn: filter to see others.`) : null, this.app.hosts.length ? table('Hosts', this.heads, hosts, x => h('tr', null,
			h('td', { class: 'name' }, swatch(color(x.place)), this.app.leaking(x.host) ? link({ view: 'leaks', host: x.host }, '!', { class: 'verdict-leak', title: 'leaks', 'aria-label': x.host + ' leaks' }) : null, ' ',
				link({ view: 'host', host: x.host }, x.host), x.labels ? h('span', { class: 'dim' }, ' ' + x.labels) : null,
				x.down_since === null ? null : h('div', { class: 'down' }, `down since ${when(x.down_since)}: ${x.why || 'no answer'}`),
				this.known[x.host]?.unknown ? h('div', { class: 'dim' }, unknown(this.known[x.host])) : null),
			n(count(x.goroutines_last) + atLeast(x)), n(count(x.now) + (x.now === null ? '' : atLeast(x))), n(count(x.goroutines)), this.sparkCell(x), n(this.suspicion(x), 'wide'), n(count(x.snapshots), 'wide far'), n(count(x.failed), 'wide far'), n(count(x.epochs), 'wide far'), n(when(x.last_good)), state.at === null ? null : n(count(this.known[x.host]?.goroutines))), this.sorting) :
			h('p', null, 'The store has no host yet. Start gscrape-tui --scrape on it, and they appear here.'));
	},
	// What moved since the pinned time, or over the window.
	async diff() {
		const [from, to] = [state.base ?? this.history.window()[0], state.at ?? this.history.window()[1]];
		this.known = state.at === null ? {} : Object.fromEntries((await ask('api/v1/hosts', { at: state.at })).map(x => [x.host, x.known]));
		this.rows();
		if (from >= to) return;
		put(this.moved, await whatMoved({ from, to: state.at ?? state.to, limit: MOVED }, to)); // without an end: each host's own
	},
	acts: { ...timeKeys, 'one-scale'() { this.history.rescale(state.scale === 'own' ? '' : 'own'); } },
	ready() { return this.app.hosts.length; },
	close() {
		this.seen.disconnect();
		this.history.close();
	},
};
