// SPDX-License-Identifier: MIT
// Overview, Host, Functions, Leaks. A view is an object: show(main) builds it, refresh() draws new data, keys are its own.
import { h, ask, state, writeUrl, link, clock, span, count, short, shortGroup, place, say, matcher, color, lineChart, picking, later } from './lib.js';

const BUCKETS = 400;

// A chart of some hosts over a window that can be zoomed.
export class History {
	constructor(opts) {
		Object.assign(this, opts); // hosts(): which; moved(): the time cursor was set
		this.from = this.to = null;
		this.box = h('div', { class: 'chart' }, this.canvas = h('canvas', { role: 'img', 'aria-label': this.name }));
		picking(this.box, () => this.chart, {
			range: (a, b) => this.zoom(a, b),
			time: t => this.moved(t),
		});
		this.box.addEventListener('dblclick', () => this.zoom(null, null));
	}
	window() {
		const hosts = this.hosts().filter(x => x.first !== null);
		const from = this.from ?? Math.min(...hosts.map(x => x.first)), to = this.to ?? Math.max(...hosts.map(x => x.last));
		return hosts.length ? [from, Math.max(to, from + 1000)] : [0, 1];
	}
	zoom(a, b) {
		if (a !== null && b - a < 1000) return;
		this.from = a; this.to = b;
		this.draw();
		say(a === null ? 'showing everything' : `showing ${clock(a, true)} to ${clock(b, true)}`);
	}
	scale(factor) {
		const [a, b] = this.window(), mid = state.at ?? b, half = (b - a) * factor / 2;
		this.zoom(Math.round(mid - half), Math.round(mid + half));
	}
	async draw() {
		const hosts = this.hosts(), [from, to] = this.window();
		const all = await Promise.all(hosts.map(x => x.first === null ? { buckets: [] } :
			ask('api/v1/snapshots', { host: x.host, from, to, buckets: BUCKETS })));
		if (!this.canvas.isConnected) return;
		this.chart ||= lineChart(this.canvas, { legend: true, label: 'goroutines', from, to });
		Object.assign(this.chart.options.scales.x, { min: from, max: to });
		this.chart.data.datasets = all.map((a, i) => ({
			label: hosts[i].host, borderColor: color(i), backgroundColor: color(i), spanGaps: false, data: this.points(a.buckets),
		}));
		this.chart.update();
	}
	// Buckets to points: minimum and maximum where they differ; a gap and a new process break the line.
	points(buckets) {
		const out = [];
		for (const b of buckets) {
			const x = (b.from + b.to) / 2;
			if (b.gap || b.max === null) { out.push({ x, y: null }); continue; }
			if (b.epoch) out.push({ x: b.from, y: null });
			if (b.max !== b.min) out.push({ x, y: b.last === b.max ? b.min : b.max });
			out.push({ x, y: b.last });
		}
		return out;
	}
	update() { if (this.chart) this.chart.update('none'); }
	close() { if (this.chart) this.chart.destroy(); this.chart = null; }
}

function table(caption, heads, rows) {
	return h('div', { class: 'scroll' }, h('table', { 'aria-label': caption },
		h('thead', null, h('tr', null, heads.map(([t, n, c]) => h('th', { scope: 'col', class: [n ? 'n' : '', c || ''].join(' ').trim() }, t)))),
		h('tbody', null, rows)));
}
const n = (v, c) => h('td', { class: 'n ' + (c || '') }, v);

function filterBox(what, changed) {
	const input = h('input', { type: 'search', id: 'filter', placeholder: 'filter: word !word', 'aria-label': `Filter ${what}`, autocomplete: 'off',
		on: { input: later(() => { state.filter = input.value; writeUrl(); changed(); }, 120) } });
	input.value = state.filter;
	return input;
}

// --- Overview ---

export const overview = {
	title: 'Overview',
	async show(main, app) {
		this.app = app;
		this.history = new History({ name: 'Goroutines of all hosts over time; the table below has the numbers', hosts: () => app.hosts,
			moved: t => { app.setTime(t); this.refresh(); } });
		this.list = h('div');
		main.append(h('h1', null, 'All hosts'), this.history.box,
			h('div', { class: 'bar' }, app.timeLabel(), h('button', { type: 'button', on: { click: () => this.history.zoom(null, null) } }, 'show all'),
				filterBox('hosts', () => this.rows())),
			this.list, this.moved = h('div'));
		this.rows();
		await this.history.draw();
		await this.diff();
	},
	async refresh(fresh) {
		this.rows();
		if (fresh) await this.history.draw(); else this.history.update();
		await this.diff();
	},
	rows() {
		const match = matcher(state.filter), hosts = this.app.hosts.filter(x => match(x.host + ' ' + x.labels));
		this.list.replaceChildren(this.app.hosts.length ? table('Hosts', [['host'], ['now', 1], ['most', 1], ['snapshots', 1], ['failed', 1, 'wide'], ['lives', 1, 'wide'], ['last', 1]],
			hosts.map(x => h('tr', null, h('td', { class: 'name' }, link({ view: 'host', host: x.host }, x.host), x.labels ? h('span', { class: 'dim' }, ' ' + x.labels) : null),
				n(count(x.now)), n(count(x.goroutines)), n(count(x.snapshots)), n(count(x.failed), 'wide'), n(count(x.epochs), 'wide'), n(clock(x.last))))) :
			h('p', null, 'The store has no host yet. Start gscrape-tui --scrape on it, and they appear here.'));
	},
	// What moved since the pinned time, or over the window.
	async diff() {
		const app = this.app, [from, to] = [state.base ?? this.history.window()[0], state.at ?? this.history.window()[1]];
		if (!app.can('/api/v1/diff') || from >= to) return;
		const d = await ask('api/v1/diff', { from, to, limit: 12 });
		this.moved.replaceChildren(h('h2', null, `What moved from ${clock(from)} to ${clock(to)}`),
			table('What moved', [['host'], ['created by'], ['from', 1], ['to', 1], ['net', 1]], d.diff.map(x => h('tr', null,
				h('td', null, link({ view: 'host', host: x.host }, x.host)), h('td', { class: 'name', title: x.created_at }, short(x.created_by || x.group), ' ', h('span', { class: 'dim' }, x.state)),
				n(count(x.from)), n(count(x.to)), n((x.to > x.from ? '+' : '') + count(x.to - x.from))))));
	},
	acts: {
		'zoom-in'() { this.history.scale(.5); }, 'zoom-out'() { this.history.scale(2); }, 'zoom-all'() { this.history.zoom(null, null); },
	},
	close() { this.history.close(); },
};

// --- Host ---

const groupings = ['created-by', 'top', 'stack', 'state', 'none'];

export const host = {
	title: 'Host',
	by: 'created-by',
	async show(main, app) {
		this.app = app;
		state.host ||= app.hosts.length ? app.hosts[0].host : '';
		writeUrl();
		if (!state.host) return void main.append(h('p', null, 'There is no host yet.'));
		this.history = new History({ name: `Goroutines of ${state.host} over time`, hosts: () => app.hosts.filter(x => app.same(x.host, state.host)),
			moved: t => { app.setTime(t); this.refresh(); } });
		this.select = h('select', { 'aria-label': 'Group by', on: { change: () => { this.by = this.select.value; this.refresh(); } } },
			groupings.map(g => h('option', { value: g, selected: g === this.by }, g)));
		this.list = h('div');
		main.append(h('h1', null, state.host), h('div', { class: 'bar' }, app.hostSelect()), this.history.box,
			h('div', { class: 'bar' }, app.timeLabel(), h('label', null, 'group by', this.select), filterBox('groups', () => this.rows())), this.list);
		await Promise.all([this.history.draw(), this.load()]);
	},
	async load() {
		this.data = await ask('api/v1/groups', { host: state.host, at: state.at, by: this.by, limit: 2000 });
		this.rows();
	},
	async refresh(fresh) {
		if (!state.host) return;
		if (fresh) await this.history.draw(); else this.history.update();
		await this.load();
	},
	rows() {
		const match = matcher(state.filter), d = this.data, shown = d.groups.filter(g => match(g.group + ' ' + Object.keys(g.states).join(' ')));
		const sum = shown.reduce((a, g) => a + g.count, 0);
		this.list.replaceChildren(
			h('p', { class: 'dim' }, `${shown.length}/${d.total} groups, ${count(sum)} goroutines at ${clock(d.time, true)} UTC`),
			table('Groups', [['count', 1], ['group'], ['states', 0, 'wide'], ['oldest', 1]], shown.slice(0, 500).map(g => this.row(g))),
			shown.length > 500 ? h('p', { class: 'dim' }, 'Only the first 500 are drawn: filter to see others.') : null);
	},
	row(g) {
		const states = Object.entries(g.states).map(([s, c]) => `${s} ${c}`).join(', ');
		const button = h('button', { class: 'plain', type: 'button', 'aria-expanded': 'false', title: g.group, on: { click: () => this.open(tr, g, button) } },
			this.by === 'state' || this.by === 'none' ? g.group : shortGroup(g.group));
		const tr = h('tr', null, n(count(g.count)), h('td', { class: 'name' }, button, this.by === 'created-by' && g.top ? h('div', { class: 'dim' }, 'in ', short(g.top.func), ' ', place(g.top)) : null),
			h('td', { class: 'wide' }, states), n(span(this.data.time - g.oldest)));
		return tr;
	},
	async open(tr, g, button) {
		const next = tr.nextElementSibling;
		if (next && next.className === 'open') { next.remove(); button.setAttribute('aria-expanded', 'false'); return; }
		try {
			const m = await ask('api/v1/goroutines', { host: state.host, at: state.at, by: this.by, group: g.group, limit: 100 });
			button.setAttribute('aria-expanded', 'true');
			tr.after(h('tr', { class: 'open' }, h('td', { colspan: 4 }, table('Members', [['id', 1], ['state'], ['in'], ['since', 1]], m.goroutines.map(a => h('tr', null,
				n(link({ view: 'goroutine', host: state.host, id: a.id, epoch: a.epoch }, 'g' + a.id)), h('td', null, a.state, a.minutes ? h('span', { class: 'dim' }, ` ${a.minutes} min`) : null),
				h('td', { class: 'name' }, short(a.func)), n(clock(a.since))))),
				m.next ? h('p', { class: 'dim' }, `the oldest ${m.goroutines.length} of ${count(m.total)}`) : null)));
		} catch (e) { this.app.failed(e); }
	},
	acts: {
		'zoom-in'() { this.history.scale(.5); }, 'zoom-out'() { this.history.scale(2); }, 'zoom-all'() { this.history.zoom(null, null); },
		'group-by'() { this.by = groupings[(groupings.indexOf(this.by) + 1) % groupings.length]; this.select.value = this.by; this.refresh(); },
	},
	close() { if (this.history) this.history.close(); },
};

// --- Functions ---

export const functions = {
	title: 'Functions',
	async show(main, app) {
		this.app = app;
		this.input = filterBox('functions', () => this.search().catch(e => app.failed(e)));
		this.input.placeholder = 'main !test ^net/http Serve$';
		this.list = h('div'); this.hits = h('div');
		main.append(h('h1', null, 'Functions that were on a stack'), h('div', { class: 'bar' }, h('label', null, 'function', this.input)), h('div', { class: 'cols' }, this.list, this.hits));
		await this.search();
	},
	async search() {
		const d = await ask('api/v1/functions', { q: state.filter, limit: 300 });
		this.list.replaceChildren(h('p', { class: 'dim' }, `${d.functions.length}/${count(d.total)} functions`),
			table('Functions', [['function'], ['stacks', 1]], d.functions.map(f => h('tr', null,
				h('td', { class: 'name' }, h('button', { class: 'plain', type: 'button', on: { click: () => this.who(f.func).catch(e => this.app.failed(e)) } }, f.func)), n(count(f.stacks))))));
	},
	async who(func) {
		const d = await ask('api/v1/hits', { func, limit: 300 });
		this.hits.replaceChildren(h('h2', null, func), h('p', { class: 'dim' }, `${d.hits.length}/${count(d.total)} goroutines had it on their stack`),
			table('Goroutines', [['goroutine'], ['first', 1], ['last', 1], ['samples', 1]], d.hits.map(x => h('tr', null,
				h('td', { class: 'name' }, link({ view: 'goroutine', host: x.host, id: x.id, epoch: x.epoch, at: x.first }, `g${x.id}`), ' ', h('span', { class: 'dim' }, x.host)),
				n(clock(x.first)), n(x.now ? 'now' : clock(x.last)), n(count(x.snapshots))))));
		say(`${d.total} goroutines had ${func} on their stack`);
	},
	async refresh() {},
	acts: {},
	close() {},
};

// --- Leaks ---

export const leaks = {
	title: 'Leaks',
	async show(main, app) {
		this.app = app;
		main.append(h('h1', null, 'Leak suspects, best first'), this.list = h('div'));
		await this.refresh();
	},
	async refresh() {
		const app = this.app;
		if (!app.can('/api/v1/leaks')) return this.growth();
		const d = await ask('api/v1/leaks', { limit: 200 });
		this.list.replaceChildren(d.leaks.length ? h('div', null, d.leaks.map(x => this.suspect(x))) : h('p', null, 'Nothing leaks, as far as the history tells.'));
	},
	// Without an analysis: what grew most over the whole history, as the terminal ranks it.
	async growth() {
		const hosts = this.app.hosts.filter(x => x.first !== null), from = Math.min(...hosts.map(x => x.first)), to = Math.max(...hosts.map(x => x.last));
		const d = hosts.length ? await ask('api/v1/diff', { from, to, limit: 2000 }) : { diff: [] }, grown = d.diff.filter(x => x.to > x.from).slice(0, 100);
		this.list.replaceChildren(h('p', { class: 'dim' }, 'Ranked by growth over the whole history.'), table('Growth', [['net', 1], ['created by'], ['stuck in', 0, 'wide'], ['now', 1], ['host']], grown.map(x => h('tr', null,
			n('+' + count(x.to - x.from)), h('td', { class: 'name', title: x.created_at }, short(x.created_by || x.group), h('div', { class: 'dim' }, x.state)), h('td', { class: 'wide' }, short(x.function)), n(count(x.to)),
			h('td', { class: 'name' }, link({ view: 'host', host: x.host, filter: short(x.created_by || x.group) }, x.host))))));
	},
	suspect(x) {
		return h('section', null,
			h('h2', null, h('span', { class: 'verdict-' + x.verdict }, x.verdict), ` ${count(x.count)} `, short(x.created_by), ' ', h('span', { class: 'dim' }, x.created_at)),
			h('p', null, link({ view: 'host', host: x.host, filter: short(x.created_by) }, x.host), ` stuck in ${short(x.function)} ${x.function_at || ''} [${x.state}], score ${x.score}, since ${clock(x.since, true)}`),
			h('div', { class: 'cols' }, h('ul', { class: 'flat', 'aria-label': 'Evidence for' }, (x.evidence || []).map(s => h('li', null, s))),
				h('ul', { class: 'flat dim', 'aria-label': 'Evidence against' }, (x.against || []).map(s => h('li', null, s)))));
	},
	acts: {},
	close() {},
};
