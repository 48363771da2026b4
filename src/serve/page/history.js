// SPDX-License-Identifier: MIT
// What views of hosts share: a chart over a window that can be zoomed, the window's fields, a filter, rows that open, what moved.
import { h, put, ask, exactly, many, times, complain, state, writeUrl, link, clock, when, span, count, short, shortGroup, say, where, table, nextSort, reverseSort, color, css, swatch, Refused, lineChart, picking, later } from './lib.js';

export const LINES = 24;
const BUCKETS = 400, LEGEND = 9, MEMBERS = 100;
export const scales = [['', 'one scale'], ['own', 'each its own scale'], ['log', 'logarithmic']];
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
		this.off = new Set();
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
		const [from, to] = this.window(), { sets, stacked = false, legend = false, restarts = [] } = await (this.lines ? this.lines(from, to) : this.perHost(from, to));
		if (!this.canvas.isConnected) return;
		this.sets = sets;
		this.hide();
		this.chart ||= lineChart(this.canvas, { legend: (name, alone) => alone ? this.alone(name) : this.toggle(name), label: this.label ?? 'goroutines', from, to });
		const o = this.chart.options;
		Object.assign(o.scales.x, { min: from, max: to });
		this.scaleY(o.scales.y, stacked);
		o.restarts = restarts;
		o.plugins.legend.display = legend || sets.length <= (this.box.clientWidth < 500 ? 3 : LEGEND); // more have their colour in the table
		this.chart.data.datasets = sets;
		this.chart.update();
		performance.mark('chart');
	}
	// What was clicked away, or all but the one that the address asks for.
	hide() {
		const alone = this.sets.some(x => x.label === state.only);
		for (const x of this.sets) x.hidden = alone ? x.label !== state.only : this.off.has(x.label);
	}
	toggle(name) {
		if (state.only) return this.alone(state.only);
		if (!this.off.delete(name)) this.off.add(name);
		this.hide();
		this.chart.update();
	}
	// One line alone, or all again.
	alone(name) {
		const all = state.only === name;
		state.only = all ? '' : name;
		this.off.clear();
		writeUrl();
		say(all ? 'all lines are drawn' : `${name} alone is drawn`);
		this.hide();
		if (all || this.sets.some(x => x.label === name)) this.chart.update(); else this.draw().catch(complain);
		this.aloneNow?.();
	}
	// The colour of a line, which draws that line alone.
	swatch(name, colour) {
		return h('button', { type: 'button', class: 'plain alone', 'aria-pressed': String(state.only === name), 'aria-label': `${name} alone in the chart`, title: 'Alone in the chart; again: all', id: `alone-${name}`, on: { click: () => this.alone(name) } }, swatch(colour));
	}
	own() { return this.scaled && state.scale === 'own'; }
	// One scale for all, each its own, or powers of ten, where that can be chosen; from 0 on, or from 1.
	scaleY(y, stacked) {
		const log = this.scaled && state.scale === 'log';
		Object.assign(y, { stacked, type: log ? 'logarithmic' : 'linear', min: log ? 1 : undefined, max: this.own() ? 105 : undefined });
		y.ticks.includeBounds = !this.own();
		y.title.text = this.own() ? '% of its most' : this.label ?? 'goroutines';
	}
	scales() {
		const select = h('select', { id: 'scale', 'aria-label': 'Scale', on: { change: () => this.rescale(select.value) } },
			scales.map(([v, words]) => h('option', { value: v, selected: v === state.scale }, words)));
		return select;
	}
	rescale(to) {
		state.scale = to;
		const select = document.getElementById('scale');
		if (select) select.value = to;
		writeUrl();
		this.draw().catch(complain);
	}
	// A line for each host, and one of those that pass.
	async perHost(from, to) {
		const known = this.hosts(), drawn = known.slice(0, LINES), asked = this.passing?.() ?? null, chart = (x, where) => chartOf(x, { from, to, buckets: BUCKETS, where });
		const hosts = drawn.concat(known.slice(LINES).filter(x => x.host === state.only));
		const all = await Promise.all(hosts.map(x => x.first === null ? { buckets: [] } :
			chart(x, asked).catch(e => { if (asked && e instanceof Refused) return chart(x); throw e; }))); // relations are of one time
		const sets = all.map((a, i) => ({ label: hosts[i].host, borderColor: color(hosts[i].place || 0), backgroundColor: color(hosts[i].place || 0), spanGaps: false, data: this.points(a.buckets) }));
		if (this.own()) for (const set of sets) {
			set.most = Math.max(1, ...set.data.map(p => p.y ?? 0));
			for (const p of set.data) if (p.y !== null) p.y *= 100 / set.most;
		}
		if (asked) sets.push(...all.map((a, i) => ({ label: `of these pass: ${hosts[i].host}`, borderColor: css('--fg'), borderDash: [4, 3], spanGaps: true, data: passing(a.buckets) })).filter(d => d.data.length));
		return { sets, restarts: restartsIn(all.map(a => a.buckets)) };
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

// Of a host over time, or of all hosts that a label names.
export const chartOf = (x, asked) => x.members ? ask('api/v1/host_group', { of: x.of, ...asked }) : ask('api/v1/snapshots', { host: x.host, ...asked });

// How many pass, as points.
export const passing = buckets => buckets.filter(b => typeof b.matching === 'number').map(b => ({ x: (b.from + b.to) / 2, y: b.matching }));
// When a new process began.
export const restartsIn = charts => charts.length > 8 ? [] : charts.flatMap(buckets => buckets.filter(b => b.epoch).map(b => b.from));

// Why nothing is known of a host, with times as the page shows them.
export function unknown(d) {
	if (d.down_since !== null && d.unknown.startsWith('down since')) return `down since ${clock(d.down_since, true)}: ${d.unknown.replace(/^.*?: /, '')}`;
	if (d.last_good !== null && d.time === null && d.goroutines === null) return `no sample at T; last ${clock(d.last_good, true)}, ${span(d.ago)} ago: ${many(d.goroutines_last, 'goroutine')}`;
	return d.unknown;
}

export const n = (v, c) => h('td', { class: 'n ' + (c || '') }, v);

export const LANGUAGE = 'filter: word, state == select';

// --- rows that open: which ones the address knows, by name ---

const OPEN_MAX = 12;
export const opened = () => state.open.split('\n').filter(Boolean);
// Below tr what content() gives, or nothing any more.
export async function openRow({ tr, name, button, content, failed }) {
	const next = tr.nextElementSibling, shut = next?.className === 'open', others = opened().filter(x => x !== name);
	state.open = (shut ? others : [...others, name].slice(-OPEN_MAX)).join('\n');
	writeUrl();
	button.setAttribute('aria-expanded', String(!shut));
	if (shut) return void next.remove();
	try {
		const inside = await content();
		if (tr.isConnected && tr.nextElementSibling?.className !== 'open' && opened().includes(name))
			tr.after(h('tr', { class: 'open' }, h('td', { colspan: tr.cells.length }, inside)));
	} catch (e) { failed(e); }
}
// What folds open by its words, and stays so in the address. fill(box) hears of it whenever it was opened or shut.
export function fold(id, words, fill, props = {}) {
	const name = '#' + id, box = h('details', { ...props, open: opened().includes(name), on: { toggle: () => {
		state.open = [...opened().filter(x => x !== name), ...(box.open ? [name] : [])].slice(-OPEN_MAX).join('\n');
		writeUrl();
		fill?.(box);
	} } }, h('summary', null, words));
	return box;
}
// Goroutines of a host, one by one.
export async function members(asked) {
	const m = await ask('api/v1/goroutines', { host: state.host, at: state.at, limit: MEMBERS, ...asked });
	return [table('Members', [['id', 1], ['state'], ['in'], ['since', 1]], m.goroutines, a => h('tr', null,
		n(link({ view: 'goroutine', host: state.host, id: a.id, epoch: a.epoch }, 'g' + a.id)), h('td', null, a.state, a.minutes ? h('span', { class: 'dim' }, ` ${a.minutes} min`) : null),
		h('td', { class: 'name' }, short(a.func)), n(clock(a.since)))),
		m.next ? h('p', { class: 'dim' }, `the oldest ${m.goroutines.length} of ${count(m.total)}`) : null].filter(Boolean);
}

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
	const words = h('datalist', { id: 'words' }), offer = () => ask('api/v1/words', { host: state.host, at: state.at, text: input.value, limit: 30 })
		.then(d => put(words, d.texts.map(t => h('option', { value: t }))), complain); // of the language, at the end of what is typed
	const input = h('input', { type: 'search', id: 'filter', placeholder: hint, title: hint, 'aria-label': `Filter ${what}`, autocomplete: 'off', list: hint === LANGUAGE ? 'words' : null,
		on: { input: later(() => {
			if (hint === LANGUAGE && input.value) offer();
			const was = where();
			state.filter = input.value;
			writeUrl();
			changed(was !== where());
		}, 120) } });
	input.value = state.filter;
	return [input, words];
}

// --- what moved between two times, as elements ---

export async function whatMoved(asked, to) {
	const d = await ask('api/v1/diff', asked), on = x => x.hosts > 1 ? h('div', { class: 'dim' }, `${x.of}: ${many(x.hosts, 'host')}`) : null;
	return [h('h2', null, `What moved from ${when(asked.from)} to ${when(to)}`),
		table('What moved', [['net', 1], ['created by'], ['host'], ['from', 1], ['to', 1]], d.diff, x => h('tr', null,
			n((x.to > x.from ? '+' : '') + count(x.to - x.from)), h('td', { class: 'name', title: x.created_at }, asked.by && asked.by !== 'created-by' ? shortGroup(x.group) : short(x.created_by || x.group), ' ', h('span', { class: 'dim' }, asked.by && asked.by !== 'created-by' || !x.created_at ? '' : x.created_at.replace(/.*\//, '') + ' ', x.state)),
			h('td', null, link({ view: 'host', host: x.host, filter: exactly(x, asked.by) }, x.host), on(x)), n(count(x.from)), n(count(x.to)))),
		d.next ? h('p', { class: 'dim' }, `The ${count(d.diff.length)} that moved most of ${count(d.total)}.`) : null];
}
