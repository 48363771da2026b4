// SPDX-License-Identifier: MIT
// Overview and Host. A view is an object: show(main) builds it, refresh() draws new data, keys are its own.
import { h, put, ask, address, downloads, times, keepFocus, complain, state, writeUrl, link, clock, when, zone, span, count, atLeast, short, shortGroup, place, say, matcher, where, table, nextSort, reverseSort, sortAsAsked, color, css, Refused, lineChart, picking, later } from './lib.js';

const BUCKETS = 400, LINES = 24, MOVED = 12;
const lasts = [['last 5 m', 3e5], ['last 15 m', 9e5], ['last 1 h', 36e5], ['last 6 h', 216e5], ['last 24 h', 864e5], ['last 7 d', 6048e5]];

// A chart of some hosts over a window that can be zoomed.
export class History {
	constructor(opts) {
		Object.assign(this, opts); // hosts(): which; moved(): the time cursor was set
		this.box = h('div', { class: 'chart' }, this.canvas = h('canvas', { role: 'img', 'aria-label': this.name }));
		picking(this.box, () => this.chart, {
			range: (a, b) => this.zoom(a, b),
			time: t => this.moved(t),
		});
		this.box.addEventListener('dblclick', () => this.zoom(null, null));
	}
	window() {
		const hosts = this.hosts().filter(x => x.first !== null);
		const from = state.from ?? Math.min(...hosts.map(x => x.first)), to = state.to ?? Math.max(...hosts.map(x => x.last));
		return hosts.length ? [from, Math.max(to, from + 1000)] : [0, 1];
	}
	zoom(a, b) {
		const [first, last] = this.extent();
		if (a !== null) [a, b] = [Math.max(a, first), Math.min(b, Math.max(last, first + 1000))]; // nothing is known outside
		if (a !== null && a <= first && b >= last) a = b = null;
		if (a !== null && b - a < 1000) return void this.ends();
		state.from = a; state.to = b;
		writeUrl();
		this.ends();
		this.draw().then(() => this.zoomed?.()).catch(complain);
		say(a === null ? 'showing everything' : `showing ${clock(a, true)} to ${clock(b, true)}`);
	}
	scale(factor) {
		const [a, b] = this.window(), mid = state.at ?? b, half = (b - a) * factor / 2;
		this.zoom(Math.round(mid - half), Math.round(mid + half));
	}
	async draw() {
		const hosts = this.hosts().slice(0, LINES), [from, to] = this.window();
		const asked = this.passing?.() ?? null, chart = (x, where) => ask('api/v1/snapshots', { host: x.host, from, to, buckets: BUCKETS, where });
		const all = await Promise.all(hosts.map(x => x.first === null ? { buckets: [] } :
			chart(x, asked).catch(e => { if (asked && e instanceof Refused) return chart(x); throw e; }))); // relations are of one time
		if (!this.canvas.isConnected) return;
		this.chart ||= lineChart(this.canvas, { legend: true, label: 'goroutines', from, to });
		Object.assign(this.chart.options.scales.x, { min: from, max: to });
		this.chart.options.plugins.legend.display = hosts.length <= 8; // more have their colour in the table
		this.chart.data.datasets = all.map((a, i) => ({
			label: hosts[i].host, borderColor: color(hosts[i].place || 0), backgroundColor: color(hosts[i].place || 0), spanGaps: false, data: this.points(a.buckets),
		}));
		if (asked) this.chart.data.datasets.push(...all.map((a, i) => ({
			label: `of these pass: ${hosts[i].host}`, borderColor: css('--fg'), borderDash: [4, 3], spanGaps: true,
			data: a.buckets.filter(b => typeof b.matching === 'number').map(b => ({ x: (b.from + b.to) / 2, y: b.matching })),
		})).filter(d => d.data.length));
		this.chart.update();
		performance.mark('chart');
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
	// The time cursor, a sample or a piece of the window on; or to an end of the window.
	step(samples, columns = 0) {
		const [a, b] = this.window(), interval = Math.min(...this.hosts().map(x => x.interval || 1000));
		this.moved(Math.round(Math.min(b, Math.max(a, (state.at ?? b) + samples * interval + columns * (b - a) / 80))));
	}
	update() { if (this.chart) this.chart.update('none'); }
	// The window as fields: the last so much of what is known, from and to, everything.
	bar() {
		const field = name => h('input', { type: 'datetime-local', step: 1, id: 'window-' + name, 'aria-label': `Window ${name}`, on: { change: () => this.picked() } });
		this.from = field('from');
		this.to = field('to');
		const last = h('select', { id: 'last', 'aria-label': 'Window: the last', on: { change: () => {
			const end = this.extent()[1];
			this.zoom(...(last.value ? [end - Number(last.value), end] : [null, null]));
		} } }, h('option', { value: '' }, 'everything'), lasts.map(([words, ms]) => h('option', { value: ms }, words)));
		this.last = last;
		this.ends();
		return h('div', { class: 'bar', role: 'group', 'aria-label': 'Window' }, h('label', null, 'window', last), h('label', null, 'from', this.from), h('label', null, 'to', this.to),
			h('button', { type: 'button', id: 'reset', on: { click: () => this.zoom(null, null) } }, 'show all'));
	}
	extent() {
		const known = this.hosts().filter(x => x.first !== null);
		return [Math.min(...known.map(x => x.first)), Math.max(...known.map(x => x.last))];
	}
	picked() {
		const [a, b] = [this.from, this.to].map(x => x.value ? Date.parse(x.value + (times.local ? '' : 'Z')) : NaN);
		if (a >= b) return complain(new Error('the window ends before it begins'));
		complain(null);
		if (a < b) this.zoom(a, b);
	}
	// The fields follow the window.
	ends() {
		if (!this.from) return;
		const [a, b] = this.window(), last = lasts.find(([, ms]) => state.from !== null && state.to === this.extent()[1] && state.to - state.from === ms);
		if (b <= 1) return;
		[[this.from, a], [this.to, b]].forEach(([el, t]) => { if (document.activeElement !== el) el.value = clock(t, true).replace(' ', 'T'); });
		this.last.value = last ? last[1] : '';
		this.last.options[0].textContent = last || state.from === null && state.to === null ? 'everything' : 'chosen';
	}
	close() { if (this.chart) this.chart.destroy(); this.chart = null; }
}

// Why nothing is known of a host, with times as the page shows them.
export function unknown(d) {
	if (d.down_since !== null && d.unknown.startsWith('down since')) return `down since ${clock(d.down_since, true)}: ${d.unknown.replace(/^.*?: /, '')}`;
	if (d.last_good !== null && d.time === null && d.goroutines === null) return `no sample at T; last ${clock(d.last_good, true)}, ${span(d.ago)} ago: ${count(d.goroutines_last)} goroutines`;
	return d.unknown;
}

// What a snapshot cannot tell.
function told(status) {
	if (status === 'ok') return null;
	if (status === 'grouped') return h('span', { id: 'grouped' }, '; a grouped profile: it tells no identities, which are made up, nor creation sites; ages are at most as told');
	return h('span', { class: 'down' }, ` (the dump is ${status}: some may be missing)`);
}

export const n = (v, c) => h('td', { class: 'n ' + (c || '') }, v);

// Keys of a view with a window of time.
export const timeKeys = {
	'zoom-in'() { this.history.scale(.5); }, 'zoom-out'() { this.history.scale(2); }, 'zoom-all'() { this.history.zoom(null, null); },
	prev() { this.history.step(-1); }, next() { this.history.step(1); }, start() { this.history.step(-Infinity); }, end() { this.history.step(Infinity); },
	'prev-column'() { this.history.step(0, -1); }, 'next-column'() { this.history.step(0, 1); },
	'prev-change'() { this.history.step(0, -8); }, 'next-change'() { this.history.step(0, 8); },
	sort() { nextSort(this.sorting, this.heads); }, reverse() { reverseSort(this.sorting, this.heads); },
};

// changed(asked): asked says whether the server knows the filter, or knew the one before, and is to be asked again.
export function filterBox(what, changed, hint = 'filter: word !word') {
	const input = h('input', { type: 'search', id: 'filter', placeholder: hint, 'aria-label': `Filter ${what}`, autocomplete: 'off',
		on: { input: later(() => {
			const was = where();
			state.filter = input.value;
			writeUrl();
			changed(was !== where());
		}, 120) } });
	input.value = state.filter;
	return input;
}

// --- Overview ---

export const overview = {
	title: 'Overview',
	sorting: { by: 0, down: false },
	known: {}, // of each host at T, while there is one
	columns: [['host', 0, '', x => x.place], ['last', 1, '', x => x.goroutines_last], ['now', 1, '', x => x.now], ['most', 1, '', x => x.goroutines],
		['snapshots', 1, 'wide', x => x.snapshots], ['failed', 1, 'wide', x => x.failed], ['lives', 1, 'wide', x => x.epochs], ['measured', 1, '', x => x.last_good], ['at T', 1, '', x => overview.known[x.host]?.goroutines ?? null]],
	get heads() { return state.at === null ? this.columns.slice(0, -1) : this.columns; },
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		this.history = new History({ name: 'Goroutines of all hosts over time; the table below has the numbers', hosts: () => this.shown().sort((a, b) => b.goroutines - a.goroutines),
			moved: t => { app.setTime(t); this.refresh(); }, zoomed: () => this.diff() });
		sortAsAsked(this.sorting, this.heads);
		this.list = h('div');
		main.append(h('h1', null, 'All hosts'), this.history.box,
			this.history.bar(), h('div', { class: 'bar' }, app.timeLabel(), app.pinButton(),
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
	swatch(place) {
		const el = h('span', { class: 'swatch', 'aria-hidden': 'true' });
		el.style.backgroundColor = color(place);
		return el;
	},
	rows() {
		const hosts = this.shown();
		put(this.list, hosts.length > LINES ? h('p', { class: 'dim' }, `The ${LINES} largest of ${hosts.length} hosts are drawn: filter to see others.`) : null, this.app.hosts.length ? table('Hosts', this.heads, hosts, x => h('tr', null,
			h('td', { class: 'name' }, this.swatch(x.place), this.app.leaking(x.host) ? link({ view: 'leaks', host: x.host }, '!', { class: 'verdict-leak', title: 'leaks', 'aria-label': x.host + ' leaks' }) : null, ' ',
				link({ view: 'host', host: x.host }, x.host), x.labels ? h('span', { class: 'dim' }, ' ' + x.labels) : null,
				x.down_since === null ? null : h('div', { class: 'down' }, `down since ${when(x.down_since)}: ${x.why || 'no answer'}`),
				this.known[x.host]?.unknown ? h('div', { class: 'dim' }, unknown(this.known[x.host])) : null),
			n(count(x.goroutines_last) + atLeast(x)), n(count(x.now) + (x.now === null ? '' : atLeast(x))), n(count(x.goroutines)), n(count(x.snapshots), 'wide'), n(count(x.failed), 'wide'), n(count(x.epochs), 'wide'), n(when(x.last_good)), state.at === null ? null : n(count(this.known[x.host]?.goroutines))), this.sorting) :
			h('p', null, 'The store has no host yet. Start gscrape-tui --scrape on it, and they appear here.'));
	},
	// What moved since the pinned time, or over the window.
	async diff() {
		const app = this.app, [from, to] = [state.base ?? this.history.window()[0], state.at ?? this.history.window()[1]];
		this.known = state.at === null ? {} : Object.fromEntries((await ask('api/v1/hosts', { at: state.at })).map(x => [x.host, x.known]));
		this.rows();
		if (from >= to) return;
		put(this.moved, await whatMoved({ from, to: state.at ?? state.to, limit: MOVED }, to)); // without an end: each host's own
	},
	acts: timeKeys,
	ready() { return this.app.hosts.length; },
	close() { this.history.close(); },
};

// What moved between two times, as elements.
async function whatMoved(asked, to) {
	const d = await ask('api/v1/diff', asked);
	return [h('h2', null, `What moved from ${when(asked.from)} to ${when(to)}`),
		table('What moved', [['net', 1], ['created by'], ['host'], ['from', 1], ['to', 1]], d.diff, x => h('tr', null,
			n((x.to > x.from ? '+' : '') + count(x.to - x.from)), h('td', { class: 'name', title: x.created_at }, asked.by && asked.by !== 'created-by' ? shortGroup(x.group) : short(x.created_by || x.group), ' ', h('span', { class: 'dim' }, x.state)),
			h('td', null, link({ view: 'host', host: x.host, filter: short(x.created_by || x.group) }, x.host)), n(count(x.from)), n(count(x.to)))),
		d.next ? h('p', { class: 'dim' }, `The ${count(d.diff.length)} that moved most of ${count(d.total)}.`) : null];
}

// --- Host ---

export const LANGUAGE = 'filter: word !word, or state == select and waiting > 10m';
const groupings = ['created-by', 'top', 'stack', 'state', 'none', 'label'];

export const host = {
	title: 'Host',
	by: 'created-by',
	sorting: { by: 0, down: true },
	heads: [['count', 1, '', g => g.count], ['group', 0, '', g => g.group], ['states', 0, 'wide'], ['oldest', 1, '', g => g.age ?? -1]],
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		this.opened = new Set();
		this.reopen = [];
		if (groupings.includes(state.by)) this.by = state.by;
		sortAsAsked(this.sorting, this.heads);
		state.host ||= app.hosts.length ? app.hosts[0].host : '';
		writeUrl();
		this.history = null;
		if (!state.host) return void main.append(h('p', null, 'There is no host yet.'));
		this.history = new History({ name: `Goroutines of ${state.host} over time`, hosts: () => app.hosts.map((x, place) => ({ ...x, place })).filter(x => app.same(x.host, state.host)), passing: where,
			moved: t => { app.setTime(t); this.refresh(); } });
		this.select = h('select', { 'aria-label': 'Group by', on: { change: () => this.groupBy(this.select.value) } },
			groupings.map(g => h('option', { value: g, selected: g === this.by }, g)));
		this.list = h('div');
		main.append(h('h1', null, state.host), h('div', { class: 'bar' }, app.hostSelect()), this.history.box, this.history.bar(),
			h('div', { class: 'bar' }, app.timeLabel(), app.pinButton(), h('label', null, 'group by', this.select), filterBox('groups', asked => { (asked ? Promise.all([this.load(), this.history.draw()]) : this.rows()).then(() => asked && app.failed(null), app.failed); }, LANGUAGE)), this.list, this.files = h('div'), this.moved = h('div'), this.waits = h('div'),
			this.channels = h('details', { id: 'channels', on: { toggle: () => this.ends().catch(complain) } }, h('summary', null, 'Who sends and who receives')),
			this.family = h('details', { id: 'family', on: { toggle: () => this.tree() } }, h('summary', null, 'Who started whom')));
		await Promise.all([this.history.draw(), this.load()]);
	},
	groupBy(by) {
		this.by = this.select.value = state.by = by;
		this.opened.clear();
		writeUrl();
		this.refresh();
	},
	async load() {
		const mine = this.asked = {}, d = await ask('api/v1/groups', { host: state.host, at: state.at, by: this.by, where: where(), limit: 2000 });
		if (this.asked !== mine) return;
		this.data = d;
		this.offer();
		await Promise.all([this.rows(), this.locks(), this.compare(), this.ends()]);
	},
	// Who sends, receives and selects where, and who may be at the other end, when somebody wants to see it.
	async ends() {
		if (!this.channels.open) return void this.channels.querySelector('.scroll, p')?.remove();
		const d = await ask('api/v1/channels', { host: state.host, at: state.at, where: where(), limit: 500 });
		this.channels.querySelector('.scroll, p')?.remove();
		const other = x => x.partners.length ? x.partners.map(p => h('div', null, `${count(p.count)} ${p.way} in ${short(p.function)} `, h('span', { class: 'dim' }, `${p.at}, ${p.why}`))) : h('span', { class: 'dim' }, x.state.includes('nil chan') ? 'none: a nil channel has no other end' : 'nobody is seen');
		this.channels.append(d.channels.length ? table('Channels', [['count', 1], ['what'], ['where'], ['the other end, it seems'], ['oldest', 1]], d.channels, x => h('tr', null,
			n(count(x.count)), h('td', null, x.state), h('td', { class: 'name', title: x.at }, short(x.function), h('div', { class: 'dim' }, x.at)), h('td', { class: 'name' }, other(x)),
			n(x.oldest_id ? link({ view: 'goroutine', host: x.host, id: x.oldest_id, at: state.at }, 'g' + x.oldest_id) : null))) : h('p', null, 'Nobody waits at a channel.'));
	},
	// A picture of those alive at T that pass, when somebody wants to see it.
	tree() {
		const old = this.family.querySelector('img'), src = this.family.open ? address('api/v1/export/svg', { host: state.host, at: state.at ?? this.data.time, where: where() }) : null;
		if (src === null || old?.getAttribute('src') !== src) old?.parentNode.remove();
		if (src !== null && old?.getAttribute('src') !== src)
			this.family.append(h('div', { class: 'tree' }, h('img', { src, alt: `Who started whom in ${state.host}, as boxes; as text it is the download "dot"` })));
	},
	// This table, and who is in it, as files.
	offer() {
		const who = { host: state.host, at: state.at, where: where() };
		this.tree();
		put(this.files, downloads(['groups as CSV', 'api/v1/export/groups.csv', { ...who, by: this.by }], ['as JSON', 'api/v1/groups', { ...who, by: this.by, limit: 100000 }],
			['dump', 'api/v1/export/dump', who], ['dot', 'api/v1/export/dot', who], ['pprof', 'api/v1/export/pprof', who], ['folded', 'api/v1/export/folded', who],
			['trace of the window', 'api/v1/export/trace', { host: state.host, from: state.from, to: state.to, where: where() }]));
	},
	// T beside the pinned time, whichever is earlier, group by group.
	async compare() {
		const to = state.at ?? this.data.time, pinned = state.base;
		if (pinned === null || to === null || pinned === to) return put(this.moved);
		const mine = this.asked, [a, b] = [Math.min(pinned, to), Math.max(pinned, to)];
		const moved = await whatMoved({ host: state.host, from: a, to: b, by: this.by, where: where(), limit: 500 }, b);
		if (this.asked === mine) put(this.moved, moved);
	},
	// What more than one of them waits for, or somebody holds; and who that seems to be.
	async locks() {
		const d = await ask('api/v1/waiters', { host: state.host, at: state.at, where: where(), limit: 200 }), many = d.waiters.filter(w => w.count > 1 || w.holder);
		const holder = w => w.holder ? [link({ view: 'goroutine', host: w.host, id: w.holder, epoch: w.epoch, at: state.at }, 'g' + w.holder), h('div', { class: 'dim' }, w.holder_why),
			w.deadlock ? h('div', { class: 'down' }, `a deadlock, as it seems: ${w.deadlock}`) : null] : w.holder_why ? h('span', { class: 'dim' }, w.holder_why) : null;
		put(this.waits, many.length ? [h('h2', null, 'Who waits for the same'), table('Waiters', [['count', 1], ['what'], ['who seems to hold it'], ['by'], ['oldest', 1], ['most', 1, 'wide'], ['handed over', 1, 'wide']], many, w => h('tr', null,
			n(count(w.count)), h('td', null, link({ view: 'host', host: w.host, filter: w.object ? `wait_object == ${w.object}` : `wait_object == 0 and file == ${w.at}`, by: 'none', at: state.at }, w.what), h('div', { class: 'dim' }, w.object ?? w.at)), h('td', { class: 'name' }, holder(w)),
			h('td', { class: 'name' }, w.sites.slice(0, 3).map(s => h('div', null, `${short(s.function)} `, h('span', { class: 'dim' }, count(s.count))))),
			n(link({ view: 'goroutine', host: w.host, id: w.oldest_id, epoch: w.epoch, at: state.at }, 'g' + w.oldest_id)), n(count(w.longest), 'wide'), n(count(w.handed_over), 'wide')))] : null);
	},
	async refresh(fresh) {
		if (!this.history) return;
		if (fresh) await this.history.draw(); else this.history.update();
		await this.load();
	},
	rows() {
		const match = matcher(state.filter, true), d = this.data, shown = d.groups.filter(g => match(g.group + ' ' + Object.keys(g.states).join(' ')));
		const sum = shown.reduce((a, g) => a + g.count, 0);
		if (d.unknown) {
			const many = d.goroutines === null ? '' : `${count(d.goroutines)} goroutines; `;
			put(this.list, h('p', { id: 'unknown', class: 'down' }, many + unknown(d)));
			return Promise.resolve();
		}
		put(this.list, h('p', { class: 'dim' }, `${shown.length}/${d.total} groups, ${count(sum)} goroutines at ${clock(d.time, true)} ${zone()}`, told(d.status)),
			table('Groups', this.heads, shown.slice(0, 500), g => this.row(g), this.sorting),
			d.next ? h('p', { class: 'dim' }, `These are the largest ${d.groups.length} groups of ${count(d.total)}.`) : null,
			shown.length > 500 ? h('p', { class: 'dim' }, 'Only the largest 500 are drawn: filter to see others.') : null);
		return Promise.all(this.reopen.splice(0).map(open => open()));
	},
	row(g) {
		const states = Object.entries(g.states).map(([s, c]) => `${s} ${c}`).join(', ');
		const button = h('button', { class: 'plain', type: 'button', 'aria-expanded': 'false', title: g.group, on: { click: () => this.open(tr, g, button) } },
			this.by === 'state' || this.by === 'none' ? g.group : shortGroup(g.group));
		if (this.opened.has(g.group)) this.reopen.push(() => this.open(tr, g, button));
		const tr = h('tr', null, n(count(g.count)), h('td', { class: 'name' }, button, this.by === 'created-by' && g.top ? h('div', { class: 'dim' }, 'in ', short(g.top.func), ' ', place(g.top)) : null),
			h('td', { class: 'wide' }, states), n(g.age === null ? '-' : (g.bound ? '<=' : '') + span(g.age)));
		return tr;
	},
	async open(tr, g, button) {
		const next = tr.nextElementSibling;
		if (next && next.className === 'open') { next.remove(); this.opened.delete(g.group); button.setAttribute('aria-expanded', 'false'); return; }
		this.opened.add(g.group);
		try {
			const m = await ask('api/v1/goroutines', { host: state.host, at: state.at, by: this.by, group: g.group, where: where(), limit: 100 });
			button.setAttribute('aria-expanded', 'true');
			if (!tr.isConnected || tr.nextElementSibling?.className === 'open') return;
			tr.after(h('tr', { class: 'open' }, h('td', { colspan: 4 }, table('Members', [['id', 1], ['state'], ['in'], ['since', 1]], m.goroutines, a => h('tr', null,
				n(link({ view: 'goroutine', host: state.host, id: a.id, epoch: a.epoch }, 'g' + a.id)), h('td', null, a.state, a.minutes ? h('span', { class: 'dim' }, ` ${a.minutes} min`) : null),
				h('td', { class: 'name' }, short(a.func)), n(clock(a.since)))),
				m.next ? h('p', { class: 'dim' }, `the oldest ${m.goroutines.length} of ${count(m.total)}`) : null)));
		} catch (e) { this.app.failed(e); }
	},
	acts: {
		...timeKeys,
		'group-by'() { this.groupBy(groupings[(groupings.indexOf(this.by) + 1) % groupings.length]); },
		expand() { const b = document.activeElement.closest('tr')?.querySelector('button'); if (b) b.click(); },
	},
	ready() { return this.history; },
	close() { if (this.history) this.history.close(); this.history = null; },
};
