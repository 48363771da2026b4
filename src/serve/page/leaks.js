// SPDX-License-Identifier: MIT
// What leaks, likeliest first: verdict, score, where, since when, what speaks for and against it with its weight, and how many
// there were over time.
import { h, put, ask, many, keepFocus, state, link, clock, zone, count, short, say, matcher, where, lineChart, css } from './lib.js';
import { filterBox, fold, LANGUAGE } from './history.js';

const BUCKETS = 120, DRAWN = 20;
const file = at => at ? at.slice(at.lastIndexOf('/') + 1) : '';

export const leaks = {
	title: 'Leaks',
	least: 0.5,
	async show(main, app) {
		this.app = app;
		this.charts = [];
		this.drawn = DRAWN;
		this.least = 0.5;
		this.list = h('div');
		const hosts = h('select', { id: 'host', 'aria-label': 'Host', on: { change: () => app.go({ host: hosts.value }) } },
			h('option', { value: '' }, 'all hosts'), app.hosts.map(x => h('option', { value: x.host, selected: app.same(x.host, state.host) }, x.host)));
		const least = h('select', { 'aria-label': 'Least score', on: { change: () => { this.least = least.value; this.load().catch(app.failed); } } },
			[['0.5', 'leaks and what is worth a look'], ['0.9', 'leaks'], ['0', 'everything that gathers']].map(([v, t]) => h('option', { value: v }, t)));
		main.append(h('h1', null, 'What leaks, likeliest first'), h('div', { class: 'bar' }, h('label', null, 'host', hosts), h('label', null, 'show', least), filterBox('suspects', asked => { if (asked) this.load().then(() => app.failed(null), app.failed); else this.draw(); }, LANGUAGE)), this.list);
		await this.load();
	},
	page(offset) {
		return ask('api/v1/leaks', { host: state.host, least: this.least, buckets: BUCKETS, where: where(), to: state.at, limit: 100, offset });
	},
	async load() {
		this.asked = performance.now();
		this.data = await this.page(0);
		this.draw();
	},
	async more() {
		const d = this.data;
		this.drawn += DRAWN;
		if (d.next && this.drawn > d.leaks.length) {
			const next = await this.page(d.next);
			this.data = { ...next, leaks: [...d.leaks, ...next.leaks], flows: [...d.flows, ...next.flows] };
		}
		this.draw();
	},
	// The whole history is gone through for an answer: not for every snapshot that comes.
	async refresh(fresh) {
		if (!fresh || performance.now() - this.asked > 30000) await this.load();
	},
	draw() {
		const d = this.data, match = matcher(state.filter, true);
		const shown = d.leaks.map((x, i) => [x, d.flows[i]]).filter(([x]) => match(`${x.host} ${x.verdict} ${x.kind} ${x.created_by} ${x.function} ${x.state}`));
		this.close();
		put(this.list, h('p', { class: 'dim' }, `${shown.length}/${many(d.total, 'suspect')}${d.ignored ? `, and ${d.ignored} ignored (--leak-ignore)` : ''}`),
			shown.slice(0, this.drawn).map(([x, flow]) => this.suspect(x, flow)),
			d.total ? null : h('p', null, d.looked_at ? 'Nothing leaks, as far as the history tells.' : 'Nothing can be told: no snapshot has goroutines.'),
			shown.length > this.drawn || d.next ? h('button', { type: 'button', id: 'more', on: { click: () => keepFocus(() => this.more()).catch(this.app.failed) } }, 'show more') : null,
			d.notes.length ? h('ul', { class: 'flat dim', 'aria-label': 'What could not be known' }, d.notes.map(t => h('li', null, t))) : null);
		this.charts.forEach(c => c.start());
		say(many(shown.length, 'suspect'));
	},
	suspect(x, flow) {
		const name = `${short(x.created_by)} on ${x.host}`, terms = (label, list, cls) => h('div', null, h('h3', null, label),
			h('ul', { class: 'flat ' + cls, 'aria-label': `${label}: ${name}` }, list.map(t => h('li', null, h('b', { class: 'num' }, (t.weight > 0 ? '+' : '') + t.weight.toFixed(1)), ' ', t.name, ': ', t.text))));
		return h('section', { 'aria-label': name },
			h('h2', null, h('span', { class: 'badge verdict-' + x.verdict }, x.verdict), ` ${x.score.toFixed(2)} `, short(x.created_by), ' ', h('span', { class: 'dim' }, file(x.created_at))),
			h('p', null, link({ view: 'host', host: x.host, by: '', filter: x.filter }, x.host), `: ${count(x.count)} in `,
				link({ view: 'functions', filter: `^${x.function}$` }, short(x.function)), ` ${file(x.function_at)} [${x.state}]`,
				x.kind === 'growth' && x.per_hour ? `, ${x.per_hour > 0 ? '+' : ''}${Math.abs(x.per_hour) < 9.95 ? x.per_hour.toFixed(1) : count(Math.round(x.per_hour))} per hour` : '', x.since ? ` since ${x.since_before_recording ? 'before the recording began, ' : ''}${clock(x.since, true)}${x.until ? ` until ${clock(x.until, true)}` : ''} ${zone()}` : '', '; the oldest is ',
				link({ view: 'goroutine', host: x.host, id: x.oldest_id, epoch: x.epoch, at: state.at }, 'g' + x.oldest_id)),
			this.chart(name, flow, x),
			h('div', { class: 'cols even' }, terms('For', x.evidence_terms, ''), terms('Against', x.against_terms, 'dim')),
			this.stack(name, x));
	},
	stack(name, x) {
		const box = fold(`${x.host} ${x.created_at ?? x.created_by} ${x.function_at}`, `stack of ${name}`);
		box.append(h('ol', { class: 'stack' }, x.stack.map(f => h('li', null, h('span'), h('span', null, f)))));
		return box;
	},
	chart(name, flow, x) {
		const canvas = h('canvas', { role: 'img', 'aria-label': `Alive over time: ${name}, at most ${count(Math.max(...flow.alive))}, ${count(x.count)} at the end` });
		const width = (flow.to - flow.from) / flow.alive.length;
		this.charts.push({
			start() {
				this.chart = lineChart(canvas, { label: 'alive', from: flow.from, to: flow.to });
				this.chart.data.datasets = [{ data: flow.alive.map((y, i) => ({ x: flow.from + (i + .5) * width, y })), borderColor: css('--accent'), backgroundColor: css('--accent') }];
				this.chart.update();
			},
		});
		return h('div', { class: 'chart low' }, canvas);
	},
	acts: {},
	close() {
		for (const c of this.charts) if (c.chart) c.chart.destroy();
		this.charts = [];
	},
};
