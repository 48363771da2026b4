// SPDX-License-Identifier: MIT
// Hosts with a label against the rest at T, group by group: what each of them has on average, at least and at most.
import { h, put, ask, choice, state, writeUrl, link, clock, zone, count, exactly, short, shortGroup, place, matcher, where, table, sortAsAsked, swatch, css, say, labelsOf, NO_LABELS } from './lib.js';
import { History, LANGUAGE, n, filterBox, timeKeys, unknown } from './history.js';

const ROWS = 300, groupings = ['created-by', 'top', 'stack', 'state', 'label'];
const CANARIES = 12; // of these so many are drawn, before the rest
const each = x => x.toLocaleString('en', { maximumFractionDigits: 1 });
const range = (least, most) => least === most ? count(least) : `${count(least)} to ${count(most)}`;
const has = (x, of) => labelsOf(x).some(pair => pair.join('=') === of);

export const canary = {
	title: 'Canary',
	by: 'created-by',
	sorting: { by: 0, down: true },
	heads: [['differs', 1, '', x => Math.abs(x.differs)], ['group', 0, '', x => x.group], ['each canary', 1, '', x => x.canary_each], ['each other', 1, '', x => x.rest_each],
		['canaries have', 1, 'wide', x => x.canary_most], ['others have', 1, 'wide', x => x.rest_most], ['most on', 0, 'wide', x => x.host]],
	async show(main, app) {
		this.app = app;
		this.history = null;
		this.sorting.changed = () => this.rows();
		choice('by', [...groupings, 'none']);
		if (groupings.includes(state.by)) this.by = state.by;
		sortAsAsked(this.sorting, this.heads);
		const labels = [...new Set(app.hosts.flatMap(x => labelsOf(x).map(pair => pair.join('='))))].sort();
		main.append(h('h1', null, 'Hosts with a label against the rest'));
		if (!labels.length) return void main.append(h('p', null, NO_LABELS));
		const side = (id, words, none) => {
			const box = h('select', { id, 'aria-label': words, on: { change: () => { state[id] = box.value; writeUrl(); this.changed(true).catch(app.failed); } } }, h('option', { value: '' }, none),
				labels.map(x => h('option', { value: x, selected: x === state[id] }, x)));
			return h('label', null, words, box);
		};
		const by = h('select', { 'aria-label': 'Group by', on: { change: () => { this.by = state.by = by.value; writeUrl(); this.load().catch(app.failed); } } }, groupings.map(g => h('option', { value: g, selected: g === this.by }, g)));
		this.by_box = by;
		this.history = new History({ name: 'Goroutines of canaries and of others over time; the table below has the numbers', hosts: () => this.drawn(), lines: (from, to) => this.lines(from, to),
			moved: t => { app.setTime(t); this.refresh(); }, zoomed: () => {} });
		main.append(h('div', { class: 'bar' }, side('canary', 'canaries', 'choose a label'), side('of', 'against', 'all other hosts'), h('label', null, 'group by', by)), this.key = h('ul', { class: 'legend', 'aria-label': 'Colours of hosts' }), this.history.box, this.history.bar(),
			h('div', { class: 'bar' }, app.timeLabel(), filterBox('groups', asked => { (asked ? this.load() : this.rows()).then(() => asked && app.failed(null), app.failed); }, LANGUAGE)), this.list = h('div'));
		await this.changed(true);
	},
	// Both sides: canaries, and others of the same workload where one is named.
	sides() {
		const all = this.app.hosts.filter(x => !state.of.includes('=') || has(x, state.of));
		return [all.filter(x => has(x, state.canary)), all.filter(x => !has(x, state.canary))];
	},
	drawn() {
		const most = list => [...list].sort((a, b) => b.goroutines - a.goroutines), [mine, others] = this.sides();
		return [...most(mine).slice(0, CANARIES), ...most(others)];
	},
	// A colour for each side: who is apart is seen, not who it is.
	async lines(from, to) {
		const paint = x => css(has(x, state.canary) ? '--mark' : '--dim'), d = await this.history.perHost(from, to), by = new Map(this.app.hosts.map(x => [x.host, x]));
		for (const set of d.sets) set.borderColor = set.backgroundColor = paint(by.get(set.label));
		d.sets.sort((a, b) => has(by.get(b.label), state.canary) - has(by.get(a.label), state.canary)); // the first is drawn upon the others
		return d;
	},
	async changed(all) {
		const [mine, others] = this.sides(), hosts = list => `${count(list.length)} host${list.length === 1 ? '' : 's'}`;
		put(this.key, state.canary ? [h('li', null, swatch(css('--mark')), `${state.canary}: ${hosts(mine)}`), h('li', null, swatch(css('--dim')), `others${state.of.includes('=') ? ' of ' + state.of : ''}: ${hosts(others)}`)] : null);
		await Promise.all([all ? this.history.draw() : this.history.update(), this.load()]);
	},
	async load() {
		const mine = this.asked = {}, asked = { canary: state.canary, of: state.of.includes('=') ? state.of : '', at: state.at, by: this.by, where: where(), limit: ROWS };
		const [d, hosts] = state.canary ? await Promise.all([ask('api/v1/canary', asked), state.at === null ? this.app.hosts : ask('api/v1/hosts', { at: state.at })]) : [null, []];
		if (this.asked !== mine) return;
		Object.assign(this, { data: d, hosts });
		await this.rows();
	},
	async rows() {
		const d = this.data;
		if (!d) return put(this.list, h('p', null, 'Choose the label that the canaries have: each group of goroutines is compared with what the other hosts have of it.'));
		const match = matcher(state.filter, true), shown = d.canary.filter(x => match(`${x.group} ${x.function} ${x.host}`)), asked = new Set(this.sides().flat().map(x => x.host));
		const unsure = this.hosts.filter(x => asked.has(x.host) && (x.known ? x.known.time === null : x.down_since !== null));
		put(this.list, h('p', { class: 'dim' }, `${count(shown.length)}/${count(d.total)} groups differ${d.total ? `, ${count(shown.filter(x => x.apart).length)} of them apart: all canaries have more, or all less, than any other` : ''}; ${state.at === null ? 'at the newest moment' : `${clock(state.at, true)} ${zone()}`}`),
			unsure.length ? h('ul', { class: 'flat dim', 'aria-label': 'What could not be known' }, unsure.slice(0, 9).map(x => h('li', null, `${x.host}: ${x.known ? unknown(x.known) : x.why || 'no answer'}`)), unsure.length > 9 ? h('li', null, `and ${count(unsure.length - 9)} more`) : null) : null,
			d.canary.length ? table('Canary', this.heads, shown, x => this.row(x), this.sorting) : h('p', null, 'No difference, where both are known.'),
			d.next ? h('p', { class: 'dim' }, `These are the ${count(d.canary.length)} that differ most.`) : null);
		say(`${count(d.total)} groups differ`);
	},
	row(x) {
		return h('tr', null, n((x.differs > 0 ? '+' : '') + each(x.differs)),
			h('td', { class: 'name', title: x.group }, this.by === 'state' || this.by === 'label' ? x.group : shortGroup(x.group), x.apart ? [' ', h('span', { class: 'badge verdict-watch' }, 'apart')] : null, this.by === 'created-by' && x.function ? h('div', { class: 'dim' }, 'in ', short(x.function)) : null),
			n(each(x.canary_each)), n(each(x.rest_each)), n(range(x.canary_least, x.canary_most), 'wide'), n(range(x.rest_least, x.rest_most), 'wide'),
			h('td', { class: 'wide' }, link({ view: 'host', host: x.host, filter: exactly(x, this.by), at: state.at }, x.host)));
	},
	async refresh(fresh) { if (this.history) await this.changed(fresh); },
	acts: {
		...timeKeys,
		'group-by'() {
			this.by_box.value = groupings[(groupings.indexOf(this.by) + 1) % groupings.length];
			this.by_box.dispatchEvent(new Event('change'));
		},
	},
	ready() { return this.history; },
	close() { this.history?.close(); this.history = null; },
};
