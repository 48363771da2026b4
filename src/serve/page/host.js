// SPDX-License-Identifier: MIT
// One host: its chart, and who is alive, in groups.
import { h, put, ask, choice, address, downloads, state, writeUrl, link, clock, when, zone, span, count, many, short, shortGroup, place, matcher, where, table, sortAsAsked, spark, swatch, color, css, Refused } from './lib.js';
import { History, LANGUAGE, n, filterBox, timeKeys, unknown, whatMoved, restartsIn, opened, openRow, fold, members } from './history.js';

const groupings = ['created-by', 'top', 'stack', 'state', 'none', 'label'], charts = { state: 'by state', groups: 'by group' };
const STACKED = 300, PIECES = 60, DRAWN = 7, WINDOWED = 100;

// What a snapshot cannot tell.
function told(status) {
	if (status === 'ok') return null;
	if (status === 'grouped') return h('span', { id: 'grouped' }, '; a grouped profile: it tells no identities, which are made up, nor creation sites; ages are at most as told');
	return h('span', { class: 'down' }, ` (the dump is ${status}: some may be missing)`);
}

// What became of groups: of those that pass, where that can be asked over time.
async function activity(asked) {
	const d = where() === null ? null : await ask('api/v1/activity', { ...asked, where: where() }).catch(e => { if (e instanceof Refused) return null; throw e; });
	return d ?? { ...await ask('api/v1/activity', asked), whole: true };
}

export const host = {
	title: 'Host',
	by: 'created-by',
	sorting: { by: 0, down: true },
	flow: new Map(), // of each group over the window, by its name
	painted: new Map(), // the colours of groups in the chart
	heads: [['count', 1, '', g => g.count], ['group', 0, '', g => g.group], ['states', 0, 'wide'], ['over time', 0, 'wide mid'],
		['came', 1, 'wide', g => host.flow.get(g.group)?.came ?? null], ['left', 1, 'wide', g => host.flow.get(g.group)?.left ?? null], ['oldest', 1, '', g => g.age ?? -1]],
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		this.reopen = [];
		choice('by', groupings);
		choice('chart', Object.keys(charts));
		if (state.by) this.by = state.by;
		sortAsAsked(this.sorting, this.heads);
		state.host ||= app.hosts.length ? app.hosts[0].host : '';
		writeUrl();
		this.history = null;
		if (!state.host) return void main.append(h('p', null, 'There is no host yet.'));
		this.history = new History({ name: `Goroutines of ${state.host} over time`, hosts: () => app.hosts.map((x, place) => ({ ...x, place })).filter(x => app.same(x.host, state.host)), passing: where,
			lines: (from, to) => { this.history.label = undefined; return charts[state.chart] ? this.stacked(from, to) : this.history.perHost(from, to); },
			moved: t => { app.setTime(t); this.refresh(); }, zoomed: () => Promise.all([this.over().then(() => this.rows()), this.compare()]) });
		const chart = h('select', { id: 'chart', 'aria-label': 'Chart', on: { change: () => this.chartAs(chart.value) } },
			[['', 'all together'], ...Object.entries(charts)].map(([v, words]) => h('option', { value: v, selected: v === state.chart }, words)));
		this.select = h('select', { 'aria-label': 'Group by', on: { change: () => this.groupBy(this.select.value) } },
			groupings.map(g => h('option', { value: g, selected: g === this.by }, g)));
		this.list = h('div');
		main.append(h('h1', null, state.host), h('div', { class: 'bar' }, app.hostSelect()), this.history.box, this.history.bar(),
			h('div', { class: 'bar' }, app.timeLabel(), app.pinButton(), h('button', { type: 'button', id: 'pin-window', 'aria-pressed': String(state.until !== null), title: 'Compare with this window', on: { click: () => this.pinWindow().catch(app.failed) } }, 'pin window'), h('label', null, 'chart', chart), h('label', null, 'group by', this.select), filterBox('groups', asked => { (asked ? Promise.all([this.load(), this.history.draw()]) : this.rows()).then(() => asked && app.failed(null), app.failed); }, LANGUAGE)), this.list, this.waits = h('div'), this.files = h('div'), this.moved = h('div'),
			this.family = fold('family', 'Who started whom', () => this.data && this.tree(), { id: 'family' }));
		await Promise.all([this.history.draw(), this.load()]);
	},
	groupBy(by) {
		this.by = this.select.value = state.by = by;
		state.open = '';
		writeUrl();
		this.refresh(state.chart === 'groups').catch(this.app.failed);
	},
	chartAs(what) {
		state.chart = what;
		writeUrl();
		this.history.draw().then(() => this.rows()).catch(this.app.failed);
	},
	// Those that were most, one upon the other, and all others, so that together they are as many as there were.
	async stacked(from, to) {
		const by = state.chart === 'state' ? 'state' : this.grouped(), all = { host: state.host, from, to, buckets: STACKED };
		const [chart, d] = await Promise.all([ask('api/v1/snapshots', all), activity({ ...all, by, limit: DRAWN })]);
		const last = this.history.hosts()[0].last, at = chart.buckets.map((b, i) => b.gap || b.last === null || b.from > last ? null : d.last[i]);
		this.history.label = d.whole ? undefined : 'goroutines that pass';
		const set = (label, paint, of) => ({ label, borderColor: paint, backgroundColor: paint, borderWidth: 0, fill: 'stack', data: at.map((n, i) => ({ x: (chart.buckets[i].from + chart.buckets[i].to) / 2, y: n === null ? null : of(i, n) })) });
		const sets = d.groups.map((g, k) => set(by === 'state' ? g.group : shortGroup(g.group), color(k), i => g.last[i]));
		this.painted = by === this.by ? new Map(d.groups.map((g, k) => [g.group, color(k)])) : new Map();
		if (d.total > sets.length) sets.push(set(many(d.total - sets.length, 'other'), css('--dim'), (i, n) => Math.max(0, n - d.groups.reduce((a, g) => a + g.last[i], 0))));
		return { sets, stacked: true, legend: by === 'state' || this.history.box.clientWidth > 500, restarts: restartsIn([chart.buckets]) };
	},
	grouped() { return this.by === 'none' ? 'created-by' : this.by; },
	// What became of each group in the window.
	async over() {
		const asked = { host: state.host, from: state.from, to: state.to, by: this.by, buckets: PIECES, limit: 2000 };
		const d = this.by === 'none' ? { groups: [] } : await activity(asked).catch(e => { if (e instanceof Refused) return { groups: [] }; throw e; });
		this.flow = new Map(d.groups.map(g => [g.group, g]));
	},
	async load() {
		const mine = this.asked = {}, d = await ask('api/v1/groups', { host: state.host, at: state.at, by: this.by, where: where(), limit: 2000 });
		if (this.asked !== mine) return;
		this.data = d;
		await this.over();
		if (this.asked !== mine) return;
		this.offer();
		await Promise.all([this.rows(), this.locks(), this.compare()]);
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
		if (state.until !== null) return this.windows();
		const to = state.at ?? this.data.time, pinned = state.base;
		if (pinned === null || to === null || pinned === to) return put(this.moved);
		const mine = this.asked, [a, b] = [Math.min(pinned, to), Math.max(pinned, to)];
		const moved = await whatMoved({ host: state.host, from: a, to: b, by: this.by, where: where(), limit: 500 }, b);
		if (this.asked === mine) put(this.moved, moved);
	},
	async pinWindow() {
		[state.base, state.until] = state.until === null ? this.history.window() : [null, null];
		this.app.pinned();
		this.history.update();
		await this.compare();
	},
	// Each group in the pinned window beside the one that is shown: how many there were, on average of their snapshots.
	async windows() {
		const mine = this.asked, by = this.grouped(), pinned = [state.base, state.until], here = this.history.window();
		const [was, now] = await Promise.all([pinned, here].map(([from, to]) => activity({ host: state.host, from, to, by, limit: 100000 })));
		if (this.asked !== mine || state.until !== pinned[1]) return;
		if (!was.snapshots || !now.snapshots) return put(this.moved, h('p', { class: 'dim' }, `In the ${was.snapshots ? 'shown' : 'pinned'} window there is no snapshot to compare with.`));
		const means = d => new Map(d.groups.map(g => [g.group, g.samples / Math.max(1, d.snapshots)])), [a, b] = [means(was), means(now)], match = matcher(state.filter, true);
		const all = [...new Set([...b.keys(), ...a.keys()])].filter(g => match(g)).map(g => [g, a.get(g) ?? 0, b.get(g) ?? 0]).sort((x, y) => Math.abs(y[2] - y[1]) - Math.abs(x[2] - x[1]));
		const mean = x => x.toFixed(x < 9.95 ? 1 : 0).replace(/\B(?=(\d{3})+$)/g, ','), words = ([from, to]) => `${when(from)} to ${when(to)}`;
		put(this.moved, h('h2', null, `${words(here)} beside the pinned ${words(pinned)}`),
			h('p', { class: 'dim' }, `on average of ${count(now.snapshots)} and ${count(was.snapshots)} snapshots`, where() !== null && now.whole ? ', whatever the filter says' : null, '; ', link({ view: 'flame', host: state.host, of: 'diff', base: state.base, until: state.until }, 'as a flame graph')),
			table('Windows', [['net', 1], ['group'], ['pinned', 1], ['here', 1]], all.slice(0, WINDOWED), ([g, was, is]) => h('tr', null, n((is > was ? '+' : is < was ? '-' : '') + mean(Math.abs(is - was))),
				h('td', { class: 'name', title: g }, by === 'state' ? g : shortGroup(g)), n(mean(was)), n(mean(is)))),
			all.length > WINDOWED ? h('p', { class: 'dim' }, `The ${WINDOWED} that differ most of ${count(all.length)}.`) : null);
	},
	// What more than one of them waits for, in a sentence: the view of locks has the rest.
	async locks() {
		const d = await ask('api/v1/waiters', { host: state.host, at: state.at, where: where(), limit: 200 }), [first, ...others] = d.waiters.filter(w => w.count > 1);
		put(this.waits, first ? h('p', { id: 'waits' }, `${count(first.count)} wait for `, link({ view: 'locks', host: state.host, open: first.object ?? '' }, `${first.what} ${first.object ?? first.at}`), first.holder ? `, which g${first.holder} seems to hold` : '',
			first.deadlock ? h('span', { class: 'down' }, ', a deadlock') : null, others.length ? `; ${count(others.reduce((a, w) => a + w.count, 0))} for ${count(others.length)} other thing${others.length > 1 ? 's' : ''}` : '') : null);
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
			const known = d.goroutines === null ? '' : `${many(d.goroutines, 'goroutine')}; `;
			put(this.list, h('p', { id: 'unknown', class: 'down' }, known + unknown(d)));
			return Promise.resolve();
		}
		put(this.list, h('p', { class: 'dim' }, `${shown.length}/${many(d.total, 'group')}, ${many(sum, 'goroutine')} at ${clock(d.time, true)} ${zone()}`, told(d.status)),
			table('Groups', this.heads, shown.slice(0, 500), g => this.row(g), this.sorting),
			d.next ? h('p', { class: 'dim' }, `These are the largest ${d.groups.length} groups of ${count(d.total)}.`) : null,
			shown.length > 500 ? h('p', { class: 'dim' }, 'Only the largest 500 are drawn: filter to see others.') : null);
		return Promise.all(this.reopen.splice(0).map(open => open()));
	},
	row(g) {
		const states = Object.entries(g.states).map(([s, c]) => `${s} ${c}`).join(', ');
		const open = () => openRow({ tr, name: g.group, button, failed: this.app.failed, content: () => members({ by: this.by, group: g.group, where: where() }) });
		const button = h('button', { class: 'plain', type: 'button', 'aria-expanded': 'false', title: g.group, on: { click: open } },
			charts[state.chart] && this.painted.has(g.group) ? swatch(this.painted.get(g.group)) : '', this.by === 'state' || this.by === 'none' ? g.group : shortGroup(g.group));
		if (opened().includes(g.group)) this.reopen.push(open);
		const tr = h('tr', null, n(count(g.count)), h('td', { class: 'name' }, button, this.by === 'created-by' && g.top ? h('div', { class: 'dim' }, 'in ', short(g.top.func), ' ', place(g.top)) : null),
			h('td', { class: 'wide' }, states), ...this.overCells(this.flow.get(g.group)), n(g.age === null ? '-' : (g.bound ? '<=' : '') + span(g.age)));
		return tr;
	},
	overCells(f) {
		return [h('td', { class: 'wide mid', title: f ? `at most ${count(f.peak)}` : null }, f ? spark(f.alive) : null), n(f ? count(f.came) : '-', 'wide'), n(f ? count(f.left) : '-', 'wide')];
	},
	acts: {
		...timeKeys,
		'group-by'() { this.groupBy(groupings[(groupings.indexOf(this.by) + 1) % groupings.length]); },
		expand() { const b = document.activeElement.closest('tr')?.querySelector('button'); if (b) b.click(); },
	},
	ready() { return this.history; },
	close() { if (this.history) this.history.close(); this.history = null; },
};
