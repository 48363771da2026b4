// SPDX-License-Identifier: MIT
// Functions that were on a stack: how many have each at T, had it ever, and when; of one of them who, who calls it, and whom it calls.
import { h, put, ask, state, writeUrl, link, clock, zone, count, many, short, share, say, spark, sorted, table, nextSort, reverseSort, sortAsAsked } from './lib.js';
import { filterBox, n } from './history.js';
import { Roll } from './roll.js';

const HITS = 10000, PATHS = 12, BATCH = 60, NAMES = 2800, PIECES = 30; // a question is 4,096 bytes at most

const inWindow = () => ({ from: state.from, to: state.to });
const whenSaid = () => state.from === null && state.to === null ? 'ever' : 'in the window';

export const functions = {
	title: 'Functions',
	sorting: { by: 1, down: true },
	heads: [['ever', 1, 'fit'], ['at T', 1, 'fit', f => f.goroutines], ['share', 1, 'fit'], ['activity', 0, 'wide mid'], ['stacks', 1, 'wide fit', f => f.stacks], ['function', 0, '', f => f.func]],
	who_sorting: { by: 3, down: true },
	who_heads: [['goroutine', 0, '', x => x.id], ['first', 1, 'mid', x => x.first], ['last', 1, 'mid', x => x.last], ['samples', 1, 'fit', x => x.snapshots]],
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		this.who_sorting.changed = () => this.hitRows();
		sortAsAsked(this.sorting, this.heads);
		this.func = this.data = null;
		this.uses = new Map();
		[this.input] = filterBox('functions', () => this.search().catch(e => app.failed(e)));
		this.input.placeholder = 'main !test ^net/http Serve$';
		this.list = h('div'); this.hits = h('div');
		main.append(h('h1', null, 'Functions that were on a stack'), h('div', { class: 'bar' }, h('label', null, 'function', this.input)), h('div', { class: 'cols' }, this.list, this.hits));
		await this.search();
	},
	async search() {
		const mine = this.asked = {}, at = state.at ?? Math.max(...this.app.hosts.map(x => x.last ?? 0));
		const [d, hosts] = await Promise.all([ask('api/v1/functions', { q: state.filter, at: state.at, limit: 100000 }), this.app.hosts.length ? ask('api/v1/hosts', { at }) : []]);
		if (mine !== this.asked) return; // another question was asked meanwhile
		this.alive = hosts.reduce((sum, x) => sum + (x.known.time === null ? 0 : x.known.goroutines ?? 0), 0);
		this.data = d;
		this.rows();
		if (d.total === 1) await this.who(d.functions[0].func);
		else if (state.open && state.open !== this.func && d.functions.some(f => f.func === state.open)) await this.who(state.open);
	},
	rows() {
		const d = this.data, when = state.at === null ? 'at the newest moment' : `${clock(state.at, true)} ${zone()}`;
		const top = this.roll?.box.scrollTop;
		this.roll?.close();
		this.roll = new Roll({ name: 'List of functions', table: 'Functions', heads: this.heads, sorting: this.sorting, row: f => this.row(f), seen: list => this.use(list).catch(e => this.app.failed(e)) });
		put(this.list, h('p', { class: 'dim' }, `${many(d.total, 'function')}; at T: of ${many(this.alive, 'goroutine')} of all hosts, ${when}; ever: in ${state.from === null && state.to === null ? 'all that was recorded' : 'the window'}`), this.roll.box);
		this.roll.set(sorted(d.functions, this.heads, this.sorting, (a, b) => a.func < b.func ? -1 : 1));
		if (top) this.roll.box.scrollTop = top;
	},
	row(f) {
		const use = this.uses.get(f.func);
		return h('tr', null, n(use ? count(use.ever) : ''), n(count(f.goroutines)), n(share(f.goroutines, this.alive)), h('td', { class: 'wide' }, use ? spark(use.alive) : null), n(count(f.stacks), 'wide'),
			h('td', { class: 'name', title: f.func }, h('button', { class: 'plain', type: 'button', on: { click: () => this.who(f.func).catch(e => this.app.failed(e)) } }, h('span', { class: 'whole' }, f.func), h('span', { class: 'short' }, short(f.func)))));
	},
	// Ever and activity of those that can be seen: each walks the history, so not of all.
	async use(list) {
		const names = [], mine = this.uses;
		for (const { func } of list)
			if (!this.uses.has(func) && names.length < BATCH && encodeURIComponent([...names, func].join('|')).length < NAMES) names.push(func);
		if (!names.length || this.using) return;
		this.using = true;
		try {
			const d = await ask('api/v1/uses', { funcs: names.join('|'), ...inWindow(), buckets: PIECES });
			for (const name of names) mine.set(name, { ever: null, alive: [] }); // what has no answer is not asked for again
			for (const u of d.uses) mine.set(u.func, u);
		} finally { this.using = false; }
		if (mine !== this.uses || !this.roll) return;
		this.roll.each((f, tr) => {
			const u = mine.get(f.func);
			if (!u || tr.cells[0].textContent) return;
			tr.cells[0].textContent = count(u.ever);
			put(tr.cells[3], spark(u.alive));
		});
		this.roll.draw(); // and the next batch
	},
	async who(func) {
		const mine = this.func = state.open = func;
		writeUrl();
		const [d, calls] = await Promise.all([ask('api/v1/hits', { func, ...inWindow(), limit: HITS }), ask('api/v1/callers', { func, ...inWindow() })]);
		if (this.func !== mine) return;
		this.found = d;
		const known = this.data.functions.find(f => f.func === func);
		this.hitList = h('div');
		put(this.hits, h('h2', null, func), h('p', { class: 'dim', id: 'hits' }, `${many(d.total, 'goroutine')} had it on their stack ${whenSaid()}`, known ? `, ${count(known.goroutines)} at T` : ''),
			this.hitList, d.next ? h('p', { class: 'dim' }, `These are the first ${count(d.hits.length)}.`) : null,
			this.paths('Called by', calls.callers, 'nobody: it is the root', ' ← '), this.paths('Calls', calls.callees, 'nothing: it is the leaf', ' → '));
		this.hitRows();
		say(`${many(d.total, 'goroutine')} had ${func} on their stack`);
	},
	hitRows() {
		this.hitRoll?.close();
		this.hitRoll = new Roll({ name: 'List of goroutines', table: 'Goroutines', heads: this.who_heads, sorting: this.who_sorting, cls: 'half', row: x => h('tr', null,
			h('td', { class: 'name' }, link({ view: 'goroutine', host: x.host, id: x.id, epoch: x.epoch, at: x.first }, `g${x.id}`), ' ', h('span', { class: 'dim' }, x.host)),
			n(clock(x.first)), n(x.now ? 'now' : clock(x.last)), n(count(x.snapshots))) });
		put(this.hitList, this.hitRoll.box);
		this.hitRoll.set(sorted(this.found.hits, this.who_heads, this.who_sorting));
	},
	paths(name, list, none, between) {
		return [h('h2', null, name), table(name, [['share', 1], ['path']], list.slice(0, PATHS), p => h('tr', null, n(share(p.samples, p.samples / p.share)),
			h('td', { class: 'name', title: p.path.join('\n') }, p.path.length ? p.path.map(short).join(between) : none, p.created_by ? h('div', { class: 'dim' }, 'created by ', short(p.created_by)) : null))),
			list.length > PATHS ? h('p', { class: 'dim' }, `and ${count(list.length - PATHS)} more`) : null];
	},
	async refresh(fresh) {
		if (fresh) this.uses = new Map();
		await this.search();
	},
	acts: { sort() { nextSort(this.sorting, this.heads); }, reverse() { reverseSort(this.sorting, this.heads); } },
	close() {
		this.roll?.close();
		this.hitRoll?.close();
		this.roll = this.hitRoll = null;
	},
};
