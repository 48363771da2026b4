// SPDX-License-Identifier: MIT
// Which view is shown, the keys that hold everywhere, and news from the server.
import { h, many, ask, choice, keepFocus, state, OWN, readUrl, writeUrl, flushUrl, dropUrl, urlOf, clock, zone, times, say, complain, commandOf, copy, kept, later, named } from './lib.js';
import { overview } from './overview.js';
import { host } from './host.js';
import { locks } from './locks.js';
import { functions } from './functions.js';
import { rollOf } from './roll.js';
import { leaks } from './leaks.js';
import { flame } from './flame.js';
import { canary } from './canary.js';
import { goroutine } from './viewer.js';

const views = { overview, host, goroutine, functions, leaks, locks, flame, canary }; // in the order of the terminal's keys, which has six
const FORBIDDEN = 'this browser keeps nothing for the page, so there are no marks: allow it to store data here, or keep the address as a bookmark';
const ofAll = ['overview', 'functions', 'leaks', 'canary']; // hosts
const order = Object.keys(views), byId = id => document.getElementById(id);
let view = null, turn = 0;

const app = {
	hosts: [],
	live: true,
	// What leaks where: the whole history is gone through, so not more often than every half a minute.
	leaks: { at: -Infinity, hosts: new Map() },
	suspect(host) { return this.leaks.hosts.get(host); }, // the likeliest of it, if any
	leaking(host) { return this.suspect(host)?.verdict === 'leak'; },
	async loadLeaks() {
		if (performance.now() - this.leaks.at < 30000) return;
		this.leaks.at = performance.now();
		this.leaks.hosts = new Map((await ask('api/v1/leaks', { limit: 1000 })).leaks.reverse().map(x => [x.host, x]));
	},
	scraped(host) { return this.hosts.some(x => this.same(x.host, host) && x.now !== null); }, // only then is there a now
	same: (a, b) => a.replace(/:/g, '_') === b.replace(/:/g, '_'), // an archive folder's name is the same host
	failed: e => complain(e),
	setTime(t) {
		state.at = t;
		if (app.live) follow(false);
		writeUrl();
		crumbs();
	},
	timeLabel: () => h('span', { class: 'dim' }, 'click a chart to set the time, drag to zoom, double-click for everything'),
	hostSelect(quiet) {
		return h('label', null, 'host', h('select', { 'aria-label': 'Host', id: 'host', on: { change: e => { if (!quiet) app.go({ host: e.target.value, ...OWN }); } } },
			app.hosts.map(x => h('option', { value: x.host, selected: app.same(x.host, state.host) }, x.host))));
	},
	// A time is pinned, a window (from base to until), or nothing.
	pinned() {
		byId('pin')?.setAttribute('aria-pressed', String(state.base !== null && state.until === null));
		byId('pin-window')?.setAttribute('aria-pressed', String(state.until !== null));
		writeUrl();
		crumbs();
		say(state.base === null ? 'compared with nothing' : `compared with ${clock(state.base, true)}` + (state.until === null ? '' : ` to ${clock(state.until, true)}`));
	},
	pinButton: () => h('button', { type: 'button', id: 'pin', 'aria-pressed': String(state.base !== null && state.until === null), title: 'Compare with this time (x)', on: { click: () => everywhere.pin() } }, 'pin'),
	go(change) {
		const to = urlOf(change);
		flushUrl();
		history.pushState(null, '', to);
		return open();
	},
};

function crumbs() {
	byId('crumbs').textContent = [view.title, ofAll.includes(state.view) ? '' : state.host,
		state.view === 'goroutine' && state.id ? 'g' + state.id : '', state.at === null ? app.hosts.some(x => x.now !== null) ? 'now' : 'last' : `${clock(state.at, true)} ${zone()}`, state.base === null ? '' : 'compared with ' + clock(state.base) + (state.until === null ? '' : ' to ' + clock(state.until))].filter(Boolean).join(' › ');
	const title = `${view.title}${state.id ? ' g' + state.id : ''} ${state.host} - gscrape`;
	if (document.title !== title) document.title = title; // which a browser tells others of, at each step of the slider
}

function nav() {
	byId('nav').replaceChildren(...order.map((name, i) => h('a', { href: urlOf({ view: name, ...OWN }), 'data-go': true, 'aria-current': name === state.view ? 'page' : null },
		i > 5 ? null : h('kbd', { 'aria-hidden': 'true' }, i + 1), ' ', views[name].title)));
}

async function open() {
	const mine = ++turn;
	if (view) view.close();
	flushUrl();
	const wrong = readUrl();
	complain(wrong && new Error(wrong));
	choice('view', order);
	view = views[state.view ||= 'overview'];
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
	if (mine > 1 && document.activeElement === document.body) main.focus({ preventScroll: true }); // where what is new begins
	if (mine > 1) say(byId('crumbs').textContent);
}

// --- live ---

function follow(on) {
	app.live = on;
	byId('live').setAttribute('aria-pressed', String(on));
}

// Whether the server can be heard.
function online(yes) {
	const button = byId('live');
	if (button.classList.contains('off') !== yes) return;
	button.classList.toggle('off', !yes);
	button.textContent = yes ? 'live' : 'offline';
	button.title = yes ? 'Follow live data (F)' : 'No news from the server: it is asked again';
	say(button.title);
}

let busy = false, again = false, failing = false; // news that come while the last ones are drawn are drawn once after it
const refresh = later(async () => {
	again = busy;
	if (busy) return;
	busy = true;
	try {
		[app.hosts, named.all] = await Promise.all(['api/v1/hosts', 'api/v1/marks'].map(p => ask(p)));
		await keepFocus(() => view.refresh(true));
		if (failing) complain(null); // what the address has wrong stays told
		failing = false;
	} catch (e) { failing = true; complain(e); }
	busy = false;
	if (again) refresh();
}, 400);

// While somebody has text selected, to copy it, news waits until it is let go.
let news = false;
const selecting = () => { const s = getSelection(); return s && !s.isCollapsed && byId('main').contains(s.anchorNode); };
const update = () => { news = !!selecting(); if (!news) refresh(); };
document.addEventListener('selectionchange', () => { if (news && !selecting()) update(); });

const told = {
	async hello() { // from here on nothing is missed; what came before it?
		online(true);
		const now = await ask('api/v1/hosts').catch(() => app.hosts);
		if (JSON.stringify(now) !== JSON.stringify(app.hosts) && app.live) update();
	},
	snapshot() { if (app.live) update(); },
	reset() { if (app.live) update(); },
	error() { online(false); },
};

// A browser has six connections to a server, and a stream takes one. So one window has it, the one with the lock, and tells the
// others; a page that nobody sees gives it back. Where there are no locks (plain http, not of this machine; no storage) each has its own.
const shared = 'gscrape events of ' + location.pathname;
function channel() {
	try { return navigator.locks ? new BroadcastChannel(shared) : null; } catch { return null; }
}
const others = channel();
let events = null, waiting = null, release = null;
if (others) others.onmessage = e => { if (!document.hidden) told[e.data]?.(); };
function stream() {
	events = new EventSource('api/v1/events');
	for (const name of Object.keys(told)) events.addEventListener(name, () => { told[name](); others?.postMessage(name); });
}
function deaf() {
	if (events) events.close();
	waiting?.abort();
	release?.();
	events = waiting = release = null;
}
function listen() {
	deaf();
	if (document.hidden) return;
	if (!others) return stream();
	told.hello(); // of what another window's stream told before this one heard
	waiting = new AbortController();
	navigator.locks.request(shared, { signal: waiting.signal }, () => new Promise(done => { release = done; stream(); })).catch(e => { if (e.name !== 'AbortError') stream(); });
}

// --- keys: the server's table says which key is which action, as in the terminal; here is what the actions do ---

const everywhere = {
	help, close: () => history.back(), back: () => history.back(), forward: () => history.forward(),
	follow: () => { if (app.live) return follow(false); state.at = null; writeUrl(); return open(); },
	reload: () => refresh(),
	search: () => byId('filter')?.focus(), filter: () => byId('filter')?.focus(),
	'goto-id': () => { if (state.view === 'goroutine') byId('gid').focus(); else app.go({ view: 'goroutine', ...OWN }).then(() => byId('gid').focus()); },
	'find-function': () => app.go({ view: 'functions', ...OWN }).then(() => byId('filter').focus()),
	'goto-time': askTime,
	pin: () => {
		state.base = state.base === null ? state.at ?? Date.now() : null;
		state.until = null;
		app.pinned();
		return view.refresh();
	},
	times: () => { times.local = !times.local; say(`times are ${zone()}`); return open(); },
	yank: () => wait('yank: i id, s stack, l line, t time, u URL, c command', yank),
	mark: () => wait('set mark a-z', key => { if (!kept.set('mark ' + key, urlOf())) throw new Error(FORBIDDEN); say(`mark ${key} set`); }),
	'goto-mark': () => wait('go to mark a-z', key => { const to = kept.get('mark ' + key); if (!to) throw new Error(`no mark ${key}`); flushUrl(); history.pushState(null, '', to); return open(); }),
	down: () => row(1), up: () => row(-1), first: () => row(-1e9), last: () => row(1e9),
};
for (const name of order) everywhere[name] = () => app.go({ view: name, ...OWN });

// The next key belongs to this one.
let pending = null;
function wait(text, fn) {
	pending = fn;
	say(text);
}

async function yank(key) {
	const texts = { i: () => state.id, s: () => view.stackText?.(), l: () => document.activeElement.closest('tr')?.innerText, t: () => state.at === null ? '' : new Date(state.at).toISOString(),
		u: () => location.origin + location.pathname + urlOf(), c: commandOf };
	const text = texts[key] && texts[key]();
	if (!text) throw new Error('nothing to yank there (i id, s stack, l line, t time, u URL, c command)');
	await copy('yanked: ' + text, text);
}

let keys = []; // [{where, action, keys, help}]
const special = { ' ': 'Space', ArrowLeft: 'Left', ArrowRight: 'Right', ArrowUp: 'Up', ArrowDown: 'Down', Escape: 'Esc' };
const action = key => keys.filter(k => k.keys.includes(special[key] || key)).map(k => view.acts[k.action] || everywhere[k.action]).find(Boolean);

function row(d) {
	const all = [...byId('main').querySelectorAll('tbody a, tbody button:not(.alone), section p > a:first-child')];
	if (!all.length) return;
	const at = all.indexOf(document.activeElement);
	if (rollOf(document.activeElement)?.move(d)) return;
	const to = all[Math.min(all.length - 1, Math.max(0, at < 0 && Math.abs(d) === 1 ? 0 : at + d))];
	if (Math.abs(d) === 1 || !rollOf(to)?.move(d)) to.focus();
}

// 15:56, 15:56:21, -10m, +25 (samples), 50%, end
function askTime() {
	const text = window.prompt(`Go to time: 15:56, -10m, +90s, 50%, end (${zone()})`, '');
	if (!text) return;
	const hosts = app.hosts.filter(x => x.first !== null && (ofAll.includes(state.view) || !state.host || app.same(x.host, state.host)));
	if (!hosts.length) return say('nothing was recorded yet');
	const from = Math.min(...hosts.map(x => x.first)), to = Math.max(...hosts.map(x => x.last)), at = state.at ?? to;
	const rel = /^([+-])(\d+)([smhd])$/.exec(text), day = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text), unit = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
	let t = NaN;
	if (text === 'end') t = to;
	else if (rel) t = at + (rel[1] === '-' ? -1 : 1) * rel[2] * unit[rel[3]];
	else if (day) {
		const off = times.local ? new Date(at).getTimezoneOffset() * 6e4 : 0;
		t = Math.floor((at - off) / 864e5) * 864e5 + day[1] * 36e5 + day[2] * 6e4 + (day[3] || 0) * 1e3 + off;
	}
	else if (/^\d+%$/.test(text)) t = from + (to - from) * parseInt(text, 10) / 100;
	else t = Date.parse(text);
	if (Number.isNaN(t)) return complain(new Error(`"${text}" is no time`));
	app.setTime(Math.round(t));
	return view.refresh();
}

async function help() {
	const box = byId('keys');
	if (box.open) return box.close();
	const acts = new Set([everywhere, ...Object.values(views).map(v => v.acts)].flatMap(Object.keys));
	box.replaceChildren(h('h1', { tabindex: -1, autofocus: true }, 'Keys'), h('table', { 'aria-label': 'Keys' }, h('thead', null, h('tr', null, ['where', 'keys', 'what'].map(t => h('th', { scope: 'col' }, t)))), h('tbody', null, keys.filter(k => acts.has(k.action)).map(k => h('tr', null,
		h('td', { class: 'dim' }, k.where.toLowerCase()), h('td', null, k.keys.map(x => [h('kbd', null, x), ' ']).flat()), h('td', null, k.help))))),
		h('p', null, h('button', { type: 'button', on: { click: () => box.close() } }, 'close')));
	box.showModal();
}

function onKey(e) {
	const el = e.target, typing = el.matches('input:not([type=range]), select, textarea');
	if (e.ctrlKey || e.metaKey || e.altKey) return;
	if (byId('keys').open) {
		if (e.key === '?') byId('keys').close();
		return;
	}
	if (el.matches('input[type=range]') && /^(Home|End|PageUp|PageDown|ArrowUp|ArrowDown)$/.test(e.key)) return; // the slider's own
	if (typing) {
		if (e.key === 'Escape') el.blur(); // which empties a search
		if (e.key === 'Enter' && el.id === 'filter') byId('main').focus(); // and this keeps it
		return;
	}
	if (pending && e.key.length === 1) {
		const fn = pending;
		pending = null;
		e.preventDefault();
		return void new Promise(done => done(fn(e.key))).catch(complain);
	}
	if (e.key === ' ' && el.matches('button, a, summary')) return; // the browser's own
	const fn = action(e.key);
	if (!fn || (Object.values(view.acts).includes(fn) && view.ready && !view.ready())) return;
	e.preventDefault();
	new Promise(done => done(fn.call(view))).catch(complain);
}

document.addEventListener('keydown', onKey);
document.addEventListener('click', e => {
	const a = e.target.closest('a[data-go]');
	if (!a || e.button || e.ctrlKey || e.metaKey || e.shiftKey) return;
	e.preventDefault();
	flushUrl();
	history.pushState(null, '', a.getAttribute('href'));
	open();
});
window.addEventListener('popstate', () => { dropUrl(); open(); });
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', open);

// --- light or dark: as the system has it, or as was chosen ---

const themes = ['auto', 'light', 'dark'];
function theme(name) {
	document.documentElement.dataset.theme = name;
	byId('theme').textContent = name;
	byId('theme').setAttribute('aria-label', `Colours: ${name}`);
}
theme(themes.includes(kept.get('theme')) ? kept.get('theme') : 'auto');
byId('theme').addEventListener('click', () => {
	theme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]);
	kept.set('theme', document.documentElement.dataset.theme); // else it holds for this page
	open();
});
document.addEventListener('visibilitychange', listen);
window.addEventListener('pagehide', deaf);
window.addEventListener('pageshow', e => { if (e.persisted) listen(); });
document.querySelector('.skip').addEventListener('click', e => { e.preventDefault(); byId('main').focus(); });
byId('help').addEventListener('click', help);
byId('live').addEventListener('click', () => everywhere.follow());

try {
	const [hosts, table, marks] = await Promise.all(['api/v1/hosts', 'api/v1/keys', 'api/v1/marks'].map(p => ask(p)));
	named.all = marks;
	app.hosts = hosts;
	keys = table;
} catch (e) { complain(e); }
await open();
listen();
say(many(app.hosts.length, 'host'));
