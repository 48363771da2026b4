// SPDX-License-Identifier: MIT
// Which view is shown, the keys that hold everywhere, and news from the server.
import { h, ask, state, readUrl, writeUrl, urlOf, clock, say, complain, later } from './lib.js';
import { overview, host, functions, leaks } from './views.js';
import { goroutine } from './viewer.js';

const views = { overview, host, goroutine, functions, leaks };
const order = Object.keys(views), byId = id => document.getElementById(id);
let view = null, routes = [], turn = 0;

const app = {
	hosts: [],
	live: true,
	can: path => routes.includes(path),
	same: (a, b) => a.replace(/:/g, '_') === b.replace(/:/g, '_'), // an archive folder's name is the same host
	failed: e => complain(e),
	setTime(t) {
		state.at = t;
		follow(false);
		writeUrl();
		crumbs();
	},
	timeLabel: () => h('span', { class: 'dim' }, 'click a chart to set the time, drag to zoom, double-click for everything'),
	hostSelect(quiet) {
		return h('label', null, 'host', h('select', { 'aria-label': 'Host', id: 'host', on: { change: e => { if (!quiet) app.go({ host: e.target.value, filter: '' }); } } },
			app.hosts.map(x => h('option', { value: x.host, selected: app.same(x.host, state.host) }, x.host))));
	},
	go(change) {
		history.pushState(null, '', urlOf(change));
		return open();
	},
};

function crumbs() {
	byId('crumbs').textContent = [view.title, state.view === 'overview' || state.view === 'functions' || state.view === 'leaks' ? '' : state.host,
		state.view === 'goroutine' && state.id ? 'g' + state.id : '', state.at === null ? 'now' : clock(state.at, true) + ' UTC', state.base === null ? '' : 'compared with ' + clock(state.base)].filter(Boolean).join(' › ');
	document.title = `${view.title}${state.id ? ' g' + state.id : ''} ${state.host} - gscrape`;
}

function nav() {
	byId('nav').replaceChildren(...order.map((name, i) => h('a', { href: urlOf({ view: name, filter: '' }), 'data-go': true, 'aria-current': name === state.view ? 'page' : null },
		h('kbd', { 'aria-hidden': 'true' }, i + 1), ' ', views[name].title)));
}

async function open() {
	const mine = ++turn;
	if (view) view.close();
	readUrl();
	if (!views[state.view]) state.view = 'overview';
	view = views[state.view];
	complain(null);
	nav();
	crumbs();
	const main = h('main', { id: 'main', tabindex: -1, 'data-ready': 'false' });
	byId('main').replaceWith(main);
	try {
		await view.show(main, app);
	} catch (e) {
		if (mine === turn) complain(e);
	}
	if (mine !== turn) return;
	nav(); // links carry what the view found out
	crumbs();
	main.dataset.ready = 'true';
	follow(state.at === null);
}

// --- live ---

function follow(on) {
	app.live = on;
	byId('live').setAttribute('aria-pressed', String(on));
}

const refresh = later(async () => {
	try {
		app.hosts = await ask('api/v1/hosts');
		await view.refresh(true);
		complain(null);
	} catch (e) { complain(e); }
}, 400);

function listen() {
	const events = new EventSource('api/v1/events');
	let lost = false;
	events.addEventListener('hello', () => { if (lost) refresh(); lost = false; byId('live').title = 'Follow live data (F)'; });
	events.addEventListener('snapshot', () => { if (app.live) refresh(); });
	events.addEventListener('reset', () => { if (app.live) refresh(); });
	events.addEventListener('error', () => { lost = true; byId('live').title = 'No news from the server'; });
}

// --- keys ---

const everywhere = {
	'?': help, F1: help,
	q: () => history.back(), Backspace: () => history.back(), a: () => history.forward(),
	F: () => { state.at = null; writeUrl(); open(); },
	R: () => refresh(),
	'/': () => byId('filter')?.focus(), '&': () => byId('filter')?.focus(),
	'#': () => { if (state.view === 'goroutine') byId('gid').focus(); else app.go({ view: 'goroutine', filter: '' }).then(() => byId('gid').focus()); },
	f: () => app.go({ view: 'functions', filter: '' }).then(() => byId('filter').focus()),
	t: askTime,
	x: () => { state.base = state.base === null ? state.at ?? Date.now() : null; writeUrl(); crumbs(); view.refresh(); },
	j: () => row(1), ArrowDown: () => row(1), k: () => row(-1), ArrowUp: () => row(-1),
};
order.forEach((name, i) => { everywhere[i + 1] = () => app.go({ view: name, filter: '' }); });

function row(d) {
	const all = [...byId('main').querySelectorAll('tbody a, tbody button')];
	if (!all.length) return;
	const at = all.indexOf(document.activeElement);
	all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + d))].focus();
}

// 15:56, 15:56:21, -10m, +25 (samples), 50%, end
function askTime() {
	const text = window.prompt('Go to time: 15:56, -10m, +90s, 50%, end (UTC)', '');
	if (!text) return;
	const hosts = app.hosts.filter(x => x.first !== null && (state.view === 'overview' || !state.host || app.same(x.host, state.host)));
	const from = Math.min(...hosts.map(x => x.first)), to = Math.max(...hosts.map(x => x.last)), at = state.at ?? to;
	const rel = /^([+-])(\d+)([smhd])$/.exec(text), day = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text), unit = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
	let t = NaN;
	if (text === 'end') t = to;
	else if (rel) t = at + (rel[1] === '-' ? -1 : 1) * rel[2] * unit[rel[3]];
	else if (day) { t = Math.floor(at / 864e5) * 864e5 + day[1] * 36e5 + day[2] * 6e4 + (day[3] || 0) * 1e3; }
	else if (/^\d+%$/.test(text)) t = from + (to - from) * parseInt(text, 10) / 100;
	else t = Date.parse(text);
	if (Number.isNaN(t)) return complain(new Error(`"${text}" is no time`));
	app.setTime(Math.round(t));
	if (view.draw) view.draw(); else view.refresh();
}

async function help() {
	const box = byId('keys');
	if (box.open) return box.close();
	const keys = app.can('/api/v1/keys') ? await ask('api/v1/keys') : builtIn;
	box.replaceChildren(h('h1', null, 'Keys'), h('table', null, h('tbody', null, keys.map(k => h('tr', null, h('td', null, k.where), h('td', null, k.keys.map(x => [h('kbd', null, x), ' '])), h('td', null, k.help))))),
		h('p', null, h('button', { type: 'button', on: { click: () => box.close() } }, 'close')));
	box.showModal();
}

// What this page obeys; the terminal has more.
const builtIn = [
	['everywhere', '1 2 3 4 5', 'views'], ['everywhere', '?', 'this list'], ['everywhere', 'q Backspace', 'back'], ['everywhere', 'a', 'forward again'],
	['everywhere', 'F', 'follow live data'], ['everywhere', 'R', 'load again'], ['everywhere', '/ &', 'filter'], ['everywhere', '#', 'go to a goroutine'],
	['everywhere', 'f', 'find a function'], ['everywhere', 't', 'go to a time'], ['everywhere', 'x', 'pin the time as the base of comparison'],
	['lists', 'j k', 'next and previous row'], ['lists', 'Enter', 'open'], ['charts', 'z Z |', 'zoom in, out, everything'], ['host', 'v', 'group by'],
	['goroutine', 'Space', 'play and pause'], ['goroutine', '< >', 'slower, faster'], ['goroutine', 'h l ← →', 'one sample'], ['goroutine', '[ ]', 'previous and next change'],
	['goroutine', '{ }', 'previous and next state'], ['goroutine', '( )', 'birth or death of a child'], ['goroutine', '0 $', 'first and last sample'],
	['goroutine', 'p', 'parent'], ['goroutine', 'r', 'root or leaf first'], ['goroutine', 'c', 'children on and off'],
].map(([where, keys, text]) => ({ where, keys: keys.split(' '), help: text }));

function onKey(e) {
	const el = e.target, typing = el.matches('input:not([type=range]), select, textarea');
	if (e.ctrlKey || e.metaKey || e.altKey || byId('keys').open) return;
	if (typing) {
		if (e.key === 'Escape') el.blur();
		return;
	}
	if (e.key === ' ' && el.matches('button, a')) return; // the browser's own
	const fn = view.keys[e.key] || everywhere[e.key];
	if (!fn || (el.type === 'range' && e.key.startsWith('Arrow') && !view.keys[e.key])) return;
	e.preventDefault();
	Promise.resolve(fn.call(view)).catch(complain);
}

document.addEventListener('keydown', onKey);
document.addEventListener('click', e => {
	const a = e.target.closest('a[data-go]');
	if (!a || e.button || e.ctrlKey || e.metaKey || e.shiftKey) return;
	e.preventDefault();
	history.pushState(null, '', a.getAttribute('href'));
	open();
});
window.addEventListener('popstate', open);
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', open);
byId('help').addEventListener('click', help);
byId('live').addEventListener('click', () => { if (app.live) follow(false); else everywhere.F(); });

try {
	const [hosts, api] = await Promise.all([ask('api/v1/hosts'), ask('api/v1/openapi.json')]);
	app.hosts = hosts;
	routes = Object.keys(api.paths);
} catch (e) { complain(e); }
await open();
listen();
say(`${app.hosts.length} hosts`);
