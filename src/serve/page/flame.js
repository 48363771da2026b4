// SPDX-License-Identifier: MIT
// Flame graph of a host: who is alive at T, all samples of the window, or what came and went since the pinned time, or window.
import { h, put, ask, choice, downloads, state, writeUrl, clock, zone, count, short, say, matcher, table, later, Refused } from './lib.js';
import { filterBox } from './history.js';

const HIGH = 18, LEAST = .4, TABLED = 30, SVG = 'http://www.w3.org/2000/svg';
const kinds = [['at', 'at T'], ['window', 'the window, by samples'], ['diff', 'against what is pinned']];

function s(tag, props, ...kids) {
	const el = document.createElementNS(SVG, tag);
	for (const [k, v] of Object.entries(props)) if (v !== null) el.setAttribute(k, v);
	el.append(...kids);
	return el;
}

// Lines of "root;…;leaf 12" to a tree; `side` is the member that counts, `of` by how much each is divided.
function grow(root, text, side, of = 1) {
	for (const line of text.split('\n')) {
		const at = line.lastIndexOf(' '), n = Number(line.slice(at + 1)) / of;
		if (at < 0 || !n) continue;
		let node = root;
		node[side] += n;
		for (const name of line.slice(0, at).split(';')) {
			let next = node.kids.get(name);
			if (!next) node.kids.set(name, next = { name, up: node, kids: new Map(), now: 0, was: 0, self: 0 });
			next[side] += n;
			node = next;
		}
		if (side === 'now') node.self += n;
	}
	return root;
}

// What a frame is as wide as: where two times are compared, what is gone has its room, too.
function measure(node, both) {
	let sum = 0;
	for (const k of node.kids.values()) sum += measure(k, both);
	return node.width = Math.max(both ? Math.max(node.now, node.was) : node.now, sum);
}

async function folded(params) {
	const q = new URLSearchParams(Object.entries(params).filter(([, v]) => v !== null && v !== undefined && v !== ''));
	const answer = await fetch('api/v1/export/folded?' + q), text = await answer.text();
	if (answer.ok) return text;
	if (answer.status === 404) return { unknown: JSON.parse(text).error };
	throw new Refused(JSON.parse(text).error);
}

// A window's samples, and of how many snapshots; from the beginning, to the end unless given.
async function samples(asked) {
	const [text, d] = await Promise.all([folded(asked.from === null && asked.to === null ? { ...asked, from: 0 } : asked), ask('api/v1/activity', { ...asked, by: 'state', limit: 1 })]);
	return [text, d.snapshots];
}

// A frame by its name and the way to it, short enough for an address.
function nameOf(node) {
	let x = 0x811c9dc5;
	for (let up = node; up.up; up = up.up) for (const c of up.name + ';') x = Math.imul(x ^ c.codePointAt(0), 0x1000193) >>> 0;
	return node.up ? `${node.name.slice(0, 300)}~${x.toString(36)}` : '';
}

// The same package has the same colour everywhere.
function hue(name) {
	let x = 0;
	for (const c of short(name).split('.')[0]) x = (x * 31 + c.codePointAt(0)) % 360;
	return `hsl(${x} 55% 78%)`;
}

export const flame = {
	title: 'Flame',
	async show(main, app) {
		this.app = app;
		if (!state.of.includes('=')) choice('of', kinds.map(([v]) => v)); // the canary's has one
		const kind = h('select', { 'aria-label': 'Of what', on: { change: () => { state.of = kind.value; writeUrl(); this.load().catch(app.failed); } } },
			kinds.map(([v, t]) => h('option', { value: v, selected: v === (state.of || 'at') }, t)));
		this.kind = kind;
		this.box = h('div', { class: 'flame' });
		this.facts = h('div');
		this.resized = new ResizeObserver(later(() => { if (this.root) this.draw(); }, 100));
		main.append(h('h1', null, 'Flame graph of ', state.host), h('div', { class: 'bar' }, app.hostSelect(), h('label', null, 'of', kind), filterBox('frames', () => this.draw()),
			h('button', { type: 'button', id: 'whole', on: { click: () => this.look(this.root) } }, 'whole')), this.box, this.facts);
		await this.load();
		this.resized.observe(this.box);
	},
	async load() {
		const kind = this.kind.value, host = state.host, window = { host, from: state.from, to: state.to }, root = { name: 'all', up: null, kids: new Map(), now: 0, was: 0, self: 0 };
		this.both = kind === 'diff';
		this.windows = this.both && state.until !== null; // on average of their snapshots
		const sides = [kind === 'window' || this.windows ? samples(window) : folded({ host, at: state.at }).then(x => [x, 1]),
			!this.both || state.base === null ? ['', 1] : this.windows ? samples({ host, from: state.base, to: state.until }) : folded({ host, at: state.base }).then(x => [x, 1])];
		const [[now, n], [was, m]] = await Promise.all(sides);
		this.why = now.unknown || was.unknown || (this.both && state.base === null ? 'Pin a time first (x), or a window of the host: it is compared with that.' : null);
		if (!this.why) measure(grow(grow(root, now, 'now', this.windows ? n : 1), was, 'was', this.windows ? m : 1), this.both);
		this.root = root;
		this.focus = this.wanted() ?? root;
		this.draw();
	},
	// The frame that the address names: by the same way, or else the widest of that name.
	wanted() {
		const name = state.open.replace(/~[^~]*$/, ''), walk = node => [node, ...[...node.kids.values()].flatMap(walk)], all = state.open ? walk(this.root).filter(x => x.name.slice(0, 300) === name) : [];
		return all.find(x => nameOf(x) === state.open) ?? all.sort((a, b) => b.width - a.width)[0];
	},
	look(node) {
		this.focus = node;
		state.open = nameOf(node);
		writeUrl();
		this.draw();
	},
	// Averages have a digit more.
	count(n) { return this.windows ? n.toLocaleString('en', { maximumFractionDigits: 1 }) : count(n); },
	paint(node) {
		if (!this.both) return hue(node.name);
		const d = node.now - node.was, strength = d && Math.round(20 + 35 * Math.min(1, Math.abs(d) / Math.max(node.now, node.was)));
		return d ? `hsl(${d > 0 ? 4 : 214} 80% ${95 - strength}%)` : 'hsl(0 0% 88%)';
	},
	text(node) {
		const of = this.root[node.now ? 'now' : 'was'] || 1, change = node.now - node.was;
		return `${node.name}: ${this.count(node.now)}${this.kind.value === 'window' ? ' samples' : ''}, ${(100 * (node.now || node.was) / of).toFixed(1)} %` +
			(this.both ? `, ${change > 0 ? '+' : ''}${this.count(change)} (was ${this.count(node.was)})` : '');
	},
	draw() {
		this.facts.replaceChildren();
		if (this.why) return put(this.box, h('p', { id: 'unknown', class: 'down' }, this.why));
		const wide = Math.max(320, this.box.clientWidth), match = state.filter ? matcher(state.filter) : null, rows = [], path = [];
		let deepest = 0, found = 0;
		const put1 = (node, x, w, y) => {
			const hit = match && match(node.name);
			deepest = Math.max(deepest, y);
			rows.push({ node, x, w, y, hit });
		};
		const walk = (node, x, w, y, within) => {
			const hit = match && match(node.name);
			if (hit && !within) found += node.width;
			put1(node, x, w, y);
			for (const k of [...node.kids.values()].sort((a, b) => a.name < b.name ? -1 : 1)) {
				const kw = w * k.width / (node.width || 1);
				if (kw >= LEAST) walk(k, x, kw, y + 1, within || hit);
				else if (match && !within && !hit && match(k.name)) found += k.width;
				x += kw;
			}
		};
		for (let up = this.focus.up; up; up = up.up) path.unshift(up);
		path.forEach((node, i) => put1(node, 0, wide, i));
		walk(this.focus, 0, wide, path.length, false);
		const ink = '#1c2126', svg = s('svg', { width: '100%', height: (deepest + 1) * HIGH, viewBox: `0 0 ${wide} ${(deepest + 1) * HIGH}`, role: 'img',
			'aria-label': `Flame graph, ${this.count(this.root.now)} ${this.kind.value === 'window' ? 'samples' : 'goroutines'}; the table below has its frames` });
		for (const r of rows) {
			const g = s('g', { opacity: match && !r.hit ? .35 : null }, s('rect', { x: r.x, y: r.y * HIGH, width: Math.max(.3, r.w - .5), height: HIGH - 1, rx: 2, fill: r.node.up ? this.paint(r.node) : 'hsl(0 0% 82%)' }),
				s('title', {}, this.text(r.node)));
			const letters = Math.floor((r.w - 6) / 6.7), name = short(r.node.name);
			if (letters > 2) g.append(s('text', { x: r.x + 3, y: r.y * HIGH + 13, fill: ink, 'font-size': 11.5, 'font-family': 'ui-monospace, monospace' }, name.length > letters ? name.slice(0, letters - 1) + '…' : name));
			g.addEventListener('click', () => { this.look(r.node); say(this.text(r.node)); });
			svg.append(g);
		}
		put(this.box, svg);
		this.table(match, found);
	},
	// The frames as a table: each function once, with what stands on it.
	table(match, found) {
		const by = new Map();
		const sum = (node, above) => {
			const f = by.get(node.name) || { name: node.name, now: 0, was: 0, self: 0, node };
			f.self += node.self;
			if (!above.has(node.name)) { f.now += node.now; f.was += node.was; if (node.width > f.node.width) f.node = node; }
			by.set(node.name, f);
			const fresh = !above.has(node.name);
			above.add(node.name);
			for (const k of node.kids.values()) sum(k, above);
			if (fresh) above.delete(node.name);
		};
		for (const k of this.focus.kids.values()) sum(k, new Set());
		const all = [...by.values()].filter(f => !match || match(f.name)).sort((a, b) => this.both ? Math.abs(b.now - b.was) - Math.abs(a.now - a.was) : b.now - a.now), n = v => h('td', { class: 'n' }, v);
		const when = this.kind.value === 'window' || this.windows ? `${clock(state.from, true)} to ${clock(state.to, true)}` : state.at === null ? 'the newest sample' : `${clock(state.at, true)} ${zone()}`;
		const window = { host: state.host, from: state.from, to: state.to }, at = { host: state.host, at: state.at };
		put(this.facts, h('p', { class: 'dim' }, `${this.count(this.root.now)} ${this.kind.value === 'window' ? 'samples of' : this.windows ? 'goroutines on average of the snapshots from' : 'goroutines at'} ${when.replace('- to -', 'the whole recording')}`,
			this.both ? `, ${this.count(this.root.was)} at ${clock(state.base, true)}${this.windows ? ` to ${clock(state.until, true)}` : ''}: red came, blue went` : '', this.focus.up ? `; looked at: ${this.text(this.focus)}` : '',
			match ? `; found in ${(100 * found / (this.focus.width || 1)).toFixed(1)} %` : ''),
			table('Frames', [['function'], ['on its stack', 1], ['itself', 1], ...(this.both ? [['was', 1], ['change', 1]] : [])], all.slice(0, TABLED), f => h('tr', null,
				h('td', { class: 'name' }, h('button', { class: 'plain', type: 'button', on: { click: () => this.look(f.node) } }, f.name)), n(this.count(f.now)), n(this.count(f.self)),
				this.both ? [n(this.count(f.was)), n((f.now > f.was ? '+' : '') + this.count(f.now - f.was))] : null)),
			all.length > TABLED ? h('p', { class: 'dim' }, `The ${TABLED} first of ${count(all.length)} functions: filter to see others.`) : null,
			downloads(['folded at T', 'api/v1/export/folded', at], ['pprof at T', 'api/v1/export/pprof', at], ['trace of the window', 'api/v1/export/trace', window]));
	},
	async refresh(fresh) {
		const seen = [state.at, state.base, state.until].join();
		if (fresh || this.seen !== seen) await this.load();
		this.seen = seen;
	},
	acts: { 'zoom-all'() { this.look(this.root); } },
	ready() { return this.root; },
	close() { this.resized?.disconnect(); this.root = null; },
};
