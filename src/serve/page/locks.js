// SPDX-License-Identifier: MIT
// What a host's goroutines wait for at T, object by object: how many now and over time, since when, who seems to hold it and why,
// and who waits for whom in a circle; below, who sends and who receives.
import { h, put, ask, complain, state, writeUrl, link, clock, when, zone, span, count, many, short, spark, swatch, sorted, matcher, where, table, sortAsAsked, color, css, Refused } from './lib.js';
import { History, LANGUAGE, n, filterBox, timeKeys, unknown, passing, restartsIn, opened, openRow, fold, members } from './history.js';

const PIECES = 120, DRAWN = 8, ROWS = 500;
const file = at => at ? at.slice(at.lastIndexOf('/') + 1) : '';
// What a queue is called in the address: its object, or where no dump has that the line that takes the lock.
const nameOf = w => w.object ?? file(w.at);
// Those who wait for it, in the filter's language.
const waitingFor = w => w.object ? `wait_object == ${w.object}` : `wait_object == 0 and file == ${file(w.at)}`;
const resting = w => w.count === 1 && w.what === 'network descriptor'; // a connection

// Who waits for whom, each circle once: of each of its locks it is told, from there on.
function circles(waiters) {
	const by = new Map();
	for (const w of waiters.filter(w => w.deadlock)) {
		const ids = [...w.deadlock.matchAll(/(\d+) seems to hold/g)].map(m => m[1]), key = [...ids].sort().join();
		if (!by.has(key)) by.set(key, { w, ids });
	}
	return [...by.values()];
}

export const locks = {
	title: 'Locks',
	sorting: { by: 0, down: true },
	heads: [['waiting', 1, '', w => w.count], ['most', 1, 'wide far', w => w.longest], ['for', 1, '', w => w.oldest === null ? null : -w.oldest], ['what', 0, '', w => w.what], ['who seems to hold it', 0, '', w => w.holder],
		['who waits', 0, 'wide'], ['over time', 0, 'wide'], ['handed on', 1, 'wide far', w => w.handed_over]],
	async show(main, app) {
		this.app = app;
		this.sorting.changed = () => this.rows();
		sortAsAsked(this.sorting, this.heads);
		state.host ||= app.hosts.length ? app.hosts[0].host : '';
		writeUrl();
		this.history = null;
		if (!state.host) return void main.append(h('h1', null, 'What is waited for'), h('p', null, 'There is no host yet.'));
		this.history = new History({ name: `How many wait for what in ${state.host} over time; the table below has the numbers`, label: 'waiting', hosts: () => app.hosts.filter(x => app.same(x.host, state.host)),
			lines: (from, to) => this.lines(from, to), moved: t => { app.setTime(t); this.refresh(true); }, zoomed: () => this.load() });
		main.append(h('h1', null, 'What is waited for in ', state.host), h('div', { class: 'bar' }, app.hostSelect()), this.history.box, this.history.bar(),
			h('div', { class: 'bar' }, app.timeLabel(), filterBox('what is waited for', asked => { (asked ? this.refresh(true) : this.rows()).then(() => asked && app.failed(null), app.failed); }, LANGUAGE)),
			this.list = h('div'), this.channels = fold('channels', 'Who sends and who receives', () => this.ends().catch(complain), { id: 'channels' }));
		await this.load();
		await this.history.draw();
	},
	async load() {
		const mine = this.asked = {}, d = await ask('api/v1/waiters', { host: state.host, at: state.at, from: state.from !== null && state.from < (state.at ?? Infinity) ? state.from : null, where: where(), buckets: PIECES, limit: ROWS });
		if (this.asked !== mine) return;
		d.waiters.forEach((w, i) => { w.flow = d.flows[i]; });
		this.most = d.waiters.filter(w => w.flow.waiting.length && !resting(w)).sort((a, b) => b.longest - a.longest).slice(0, DRAWN);
		this.data = { ...d, waiters: d.waiters.filter(w => !resting(w)), resting: d.waiters.filter(resting).length };
		await Promise.all([this.rows(), this.ends()]);
	},
	async refresh(fresh) {
		if (!this.history) return;
		await this.load();
		if (fresh) await this.history.draw(); else this.history.update();
	},
	// A line for each of those that most wait for, up to T; and all that wait for a lock or for each other.
	async lines(from, to) {
		const asked = where(), all = { host: state.host, from, to, buckets: PIECES }, waiting = 'family in (lock, wait)';
		const chart = await ask('api/v1/snapshots', { ...all, where: asked === null ? waiting : `(${asked}) and ${waiting}` }).catch(e => { if (e instanceof Refused) return { buckets: [] }; throw e; });
		const sets = this.most.map((w, k) => {
			const width = (w.flow.to - w.flow.from) / w.flow.waiting.length;
			return { label: `${w.what} ${w.object}`, borderColor: color(k), backgroundColor: color(k), stepped: 'middle', data: w.flow.waiting.map((y, i) => ({ x: w.flow.from + (i + .5) * width, y })) };
		});
		return { sets: [...sets, { label: 'locks, wait groups, conditions: all', borderColor: css('--fg'), borderDash: [4, 3], spanGaps: true, data: passing(chart.buckets) }], restarts: restartsIn([chart.buckets]) };
	},
	async rows() {
		const d = this.data, match = matcher(state.filter, true), shown = d.waiters.filter(w => match([w.what, w.state, nameOf(w), ...w.sites.flatMap(s => [s.created_by, s.function])].join(' ')));
		if (d.unknown) return put(this.list, h('p', { id: 'unknown', class: 'down' }, unknown(d)));
		this.reopen = [];
		const deadlocks = circles(shown);
		put(this.list, h('p', { class: 'dim' }, `${count(shown.length)}/${many(d.waiters.length, 'thing')} waited for, by ${many(shown.reduce((a, w) => a + w.count, 0), 'goroutine')}, at ${clock(d.time, true)} ${zone()}`,
			d.resting ? `; and ${many(d.resting, 'network descriptor')} with one goroutine each: connections at rest` : ''),
			deadlocks.length ? h('ul', { class: 'flat', 'aria-label': 'Deadlocks' }, deadlocks.map(c => this.circle(c))) : null,
			shown.length ? table('Waiters', this.heads, sorted(shown, this.heads, this.sorting, (a, b) => b.count - a.count), w => this.row(w, d.time), this.sorting) :
				h('p', null, d.waiters.length ? 'Nothing passes the filter.' : 'Nobody waits for a lock, a wait group or a busy descriptor.'),
			d.next ? h('p', { class: 'dim' }, `These are of the ${ROWS} first of ${count(d.total)}.`) : null);
		await Promise.all(this.reopen.map(open => open()));
	},
	circle({ w, ids }) {
		const who = id => link({ view: 'goroutine', host: w.host, id, epoch: w.epoch, at: state.at }, 'g' + id);
		return h('li', { title: w.deadlock }, h('span', { class: 'down' }, 'a deadlock, as it seems: '), [...ids, ids[0]].flatMap((id, i) => [i ? i > 1 ? ', which waits for ' : ' waits for ' : '', who(id)]));
	},
	row(w, now) {
		const name = nameOf(w), open = () => openRow({ tr, name, button, failed: this.app.failed, content: () => this.inside(w) });
		const button = h('button', { class: 'plain', type: 'button', 'aria-expanded': 'false', on: { click: open } }, this.most.includes(w) ? swatch(color(this.most.indexOf(w))) : '', w.what, ' ', name);
		const tr = h('tr', null, n(count(w.count)), n(count(w.longest), 'wide far'), n(w.oldest === null ? '-' : link({ view: 'goroutine', host: w.host, id: w.oldest_id, epoch: w.epoch, at: state.at }, (w.bound ? '≤ ' : '') + span(now - w.oldest), { title: `g${w.oldest_id} waits since ${when(w.oldest)}` })),
			h('td', { class: 'name' }, button), h('td', { class: 'name' }, this.holder(w)),
			h('td', { class: 'name wide' }, w.sites.slice(0, 3).map(s => h('div', null, count(s.count), ' ', short(s.function), ' ', h('span', { class: 'dim' }, file(s.created_at))))),
			h('td', { class: 'wide' }, w.flow.waiting.length ? spark(w.flow.waiting) : null), n(w.object ? count(w.handed_over) : '-', 'wide far'));
		if (opened().includes(name)) this.reopen.push(open);
		return tr;
	},
	holder(w) {
		if (w.holder) return [link({ view: 'goroutine', host: w.host, id: w.holder, epoch: w.epoch, at: state.at }, 'g' + w.holder, { class: w.deadlock ? 'down' : null, 'data-holder': true }), h('div', { class: 'dim' }, w.holder_why)];
		return h('span', { class: 'dim' }, w.holder_why || (w.what.startsWith('sync.') ? 'nobody is seen to' : 'nobody: it is no lock'));
	},
	async inside(w) {
		return [h('p', null, w.deadlock ? h('span', { class: 'down' }, `A deadlock, as it seems: ${w.deadlock}. `) : null, w.oldest === null ? null : `g${w.oldest_id} waits longest, since ${when(w.oldest)} ${zone()}${w.bound ? ' at the earliest' : ''}. `, w.object ? `At most ${count(w.longest)} waited at once, at ${when(w.longest_at)} ${zone()}; ${w.handed_over ? `in the window it was handed on ${count(w.handed_over)} times or more.` : 'nobody was seen to get it in the window.'} ` : 'No dump has its address, and so it has no history. ',
			link({ view: 'host', host: w.host, filter: waitingFor(w), by: 'none', at: state.at }, 'As a host\'s groups')),
			...await members({ where: where() === null ? waitingFor(w) : `(${where()}) and ${waitingFor(w)}` })];
	},
	// Who sends, receives and selects where, and who may be at the other end, when somebody wants to see it.
	async ends() {
		if (!this.channels.open) return void this.channels.querySelector('.scroll, p')?.remove();
		const d = await ask('api/v1/channels', { host: state.host, at: state.at, where: where(), limit: ROWS });
		this.channels.querySelector('.scroll, p')?.remove();
		const other = x => x.partners.length ? x.partners.map(p => h('div', null, `${p.count ? count(p.count) : 'before:'} ${p.way} in ${short(p.function)} `, h('span', { class: 'dim' }, `${p.at}, ${p.why}`))) : h('span', { class: 'dim' }, x.state.includes('nil chan') ? 'none: a nil channel has no other end' : 'nobody is seen');
		this.channels.append(d.channels.length ? table('Channels', [['count', 1], ['what'], ['where'], ['the other end, it seems'], ['oldest', 1]], d.channels, x => h('tr', null,
			n(count(x.count)), h('td', null, x.state), h('td', { class: 'name', title: x.at }, short(x.function), h('div', { class: 'dim' }, x.at)), h('td', { class: 'name' }, other(x)),
			n(x.oldest_id ? link({ view: 'goroutine', host: x.host, id: x.oldest_id, at: state.at }, 'g' + x.oldest_id) : null))) : h('p', null, 'Nobody waits at a channel.'));
	},
	acts: {
		...timeKeys,
		holder() { (document.activeElement.closest('tr')?.querySelector('[data-holder]') || this.list.querySelector('[data-holder]'))?.click(); },
		expand() { document.activeElement.closest('tr')?.querySelector('button')?.click(); },
	},
	ready() { return this.history; },
	close() { this.history?.close(); this.history = null; },
};
