// SPDX-License-Identifier: MIT
// What all views need: elements, questions to the server, times as text, and the state that the URL holds.

export function h(tag, props, ...kids) {
	const el = document.createElement(tag);
	for (const [k, v] of Object.entries(props || {})) {
		if (v === undefined || v === null || v === false) continue;
		if (k === 'on') for (const [name, fn] of Object.entries(v)) el.addEventListener(name, fn);
		else if (k === 'class') el.className = v;
		else el.setAttribute(k, v === true ? '' : v);
	}
	el.append(...kids.flat().filter(k => k !== null && k !== undefined && k !== false)); // texts become text, never markup
	return el;
}

export class Refused extends Error {}

export async function ask(path, params = {}, signal) {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(params)) if (v !== null && v !== undefined && v !== '') q.set(k, v);
	const url = path + (q.size ? '?' + q : '');
	const answer = await fetch(url, { signal });
	const body = await answer.json().catch(() => ({ error: `${path}: ${answer.status}` }));
	if (!answer.ok) throw new Refused(body.error || String(answer.status));
	const note = answer.headers.get('Gscrape-Note');
	if (note) say(note);
	return body;
}

// --- the state: what the URL says ---

const names = ['view', 'host', 'id', 'epoch', 'at', 'base', 'until', 'filter', 'from', 'to', 'by', 'chart', 'scale', 'sort', 'of', 'open', 'label', 'only', 'canary'], moments = ['at', 'base', 'until', 'from', 'to'];
export const state = {};

// ms, RFC 3339, or before now: "-10m". NaN: no time.
export function timeOf(text) {
	const back = /^-(\d+)([smhd])$/.exec(text), unit = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
	const t = /^\d+$/.test(text) ? Number(text) : back ? Date.now() - back[1] * unit[back[2]] : Date.parse(text);
	return Math.abs(t) > 8.64e15 ? NaN : t; // what Date can hold
}

// What could not be understood, in a sentence; null when all could. A link of gscrape's own page names a goroutine and no view.
export function readUrl() {
	const q = new URLSearchParams(location.search);
	let wrong = null;
	for (const n of names) state[n] = q.get(n) || '';
	state.view ||= state.id ? 'goroutine' : state.host ? 'host' : 'overview';
	for (const n of moments) {
		const t = state[n] === '' ? null : timeOf(state[n]);
		if (Number.isNaN(t)) wrong = `"${n}=${state[n]}" in the address is no time`;
		state[n] = Number.isNaN(t) ? null : t;
	}
	if (state.until !== null && (state.base ?? Infinity) >= state.until) { // a window is pinned, from base on
		wrong = 'the pinned window in the address has no begin before its end';
		state.until = null;
	}
	if (state.from !== null && state.to !== null && state.from >= state.to) {
		wrong = 'the window in the address ends before it begins';
		state.from = state.to = null;
	}
	return wrong;
}

// What the address asks for, where it can be had; else that is told, and it is as if nothing was asked for.
export function choice(name, known) {
	if (!state[name] || known.includes(state[name])) return;
	complain(new Error(`"${name}=${state[name]}" in the address is not known: ${known.filter(Boolean).join(', ')} are`));
	state[name] = '';
}

export function urlOf(change = {}) {
	const s = { ...state, ...change }, q = new URLSearchParams();
	for (const n of names) if (s[n] !== null && s[n] !== undefined && s[n] !== '') q.set(n, s[n]);
	return '?' + q.toString().replaceAll('%3A', ':').replaceAll('%2F', '/'); // as the terminal writes it
}

// The address follows when things rest: WebKit takes a hundred in ten seconds, and throws at the next.
let urlTimer = 0;
export function writeUrl() {
	clearTimeout(urlTimer);
	urlTimer = setTimeout(flushUrl, 250);
}
export function flushUrl() {
	if (!urlTimer) return;
	clearTimeout(urlTimer);
	urlTimer = 0;
	try {
		history.replaceState(null, '', urlOf());
	} catch {
		urlTimer = setTimeout(flushUrl, 2000);
	}
}
export function dropUrl() { // the browser went elsewhere
	clearTimeout(urlTimer);
	urlTimer = 0;
}

// A link to a view; app.js follows it without loading the page again. What is the view's own stays behind.
export const OWN = { filter: '', sort: '', open: '', only: '' };
export function link(change, text, props = {}) {
	return h('a', { href: urlOf({ id: '', epoch: '', base: '', until: '', ...OWN, ...change }), 'data-go': true, ...props }, text);
}

// --- text ---

export const times = { local: false };
export const zone = () => times.local ? 'local' : 'UTC';
export function clock(t, withDate) {
	if (t === null || t === undefined) return '-';
	const d = new Date(times.local ? t - new Date(t).getTimezoneOffset() * 6e4 : t).toISOString();
	return withDate ? `${d.slice(0, 10)} ${d.slice(11, 19)}` : d.slice(11, 19);
}

// With its date where that is not today's.
export const when = t => clock(t, t !== null && t !== undefined && clock(t, true).slice(0, 10) !== clock(Date.now(), true).slice(0, 10));

// "27m18s", "1h58m", "3d4h": two units at most, as the command line writes them.
export function span(ms) {
	if (ms === null || ms === undefined) return '-';
	const s = Math.round(ms / 1000), units = [[86400, 'd'], [3600, 'h'], [60, 'm'], [1, 's']], i = units.findIndex(([n]) => s >= n);
	if (i < 0) return '0s';
	const small = i < 3 ? Math.floor(s % units[i][0] / units[i + 1][0]) : 0;
	return Math.floor(s / units[i][0]) + units[i][1] + (small ? small + units[i + 1][1] : '');
}

export const count = n => n === null || n === undefined ? '-' : n.toLocaleString('en');

export const many = (n, what) => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

// The filter that a group passes, and no other.
export const exactly = (x, by = 'created-by') => by === 'state' ? `state == ${JSON.stringify(x.group)}` : by === 'created-by' && x.created_at ? `created_by == ${JSON.stringify(x.created_at)}` : short(x.created_by || x.group);

export const share = (part, all) => part === null || !all ? '-' : !part ? '0%' : part * 100 < all ? '<1%' : Math.floor(part * 100 / all) + '%';

// What stands behind a host's last number when its dump was cut.
export const atLeast = host => host.status === 'truncated' || host.status === 'partial' ? '+' : '';

// "net/http.(*conn).serve" to "http.(*conn).serve"; not what Go has behind a package of the same name.
export function short(func) {
	if (!func) return '?';
	if (/^internal\/(sync|runtime\/(atomic|maps|syscall))\./.test(func)) return func;
	const end = func.search(/[([]/), head = end < 0 ? func : func.slice(0, end);
	return func.slice(head.lastIndexOf('/') + 1);
}
export const place = f => f && f.file ? `${f.file.slice(f.file.lastIndexOf('/') + 1)}:${f.line}` : '';
export const shortGroup = g => g.replace(/^\S+/, short).replace(/ \S*\/([^/ ]+:\d+)$/, ' $1');

// Put these in place of what is there; what is not given is left out.
export const put = (el, ...kids) => el.replaceChildren(...kids.flat().filter(k => k !== null && k !== undefined && k !== false));

// Do what draws anew, and leave the keyboard where it was: on what has the same id, or the same words.
export async function keepFocus(fn) {
	const el = document.activeElement, { id, tagName, innerText } = el, range = el.matches('input[type=search]') ? [el.selectionStart, el.selectionEnd] : null;
	const result = await fn();
	if (el === document.body || (el.isConnected && document.activeElement === el) || document.activeElement !== document.body) return result;
	const again = el.isConnected ? el : id ? document.getElementById(id) : [...document.querySelectorAll('#main ' + tagName)].find(x => x.innerText === innerText);
	if (again) again.focus({ preventScroll: true });
	if (again && range) again.setSelectionRange(...range);
	return result;
}

// What shows the same in the terminal.
export function commandOf() {
	const shell = t => `'${String(t).replace(/'/g, "'\\''")}'`;
	if (state.view === 'canary') return ['gscrape-tui --canary', shell(state.canary), ...(state.of.includes('=') ? ['--of', shell(state.of)] : []), ...(state.at === null ? [] : ['--at', new Date(state.at).toISOString()])].join(' ');
	return ['gscrape-tui', '--view', state.view, ...(state.host ? ['--host', shell(state.host)] : []), ...(state.id ? ['--id', state.id] : []),
		...(state.at === null ? [] : ['--at', new Date(state.at).toISOString()])].join(' ');
}

// By plain http from another machine a browser gives no clipboard, but copies what is selected.
export async function copy(what, text) {
	if (navigator.clipboard) {
		await navigator.clipboard.writeText(text);
	} else {
		const box = document.body.appendChild(h('textarea', { class: 'hidden', 'aria-hidden': 'true' })), focus = document.activeElement;
		box.value = text;
		box.select();
		const done = document.execCommand('copy');
		box.remove();
		focus.focus({ preventScroll: true });
		if (!done) throw new Error('this browser does not let the page copy');
	}
	say(what);
}

// --- hosts by what the labels of their targets say ---

// "app=api,track=canary" to [key, value] pairs; commas within are escaped.
export const labelsOf = x => x.labels ? x.labels.split(',').map(l => { const at = l.indexOf('='); return at < 0 ? [l, ''] : [l.slice(0, at), l.slice(at + 1)]; }) : [];
export const NO_LABELS = 'No host has labels: targets files and discovery give them.';

// What the browser keeps for this page; it may be forbidden to.
export const kept = {
	get(name) { try { return localStorage.getItem(name); } catch { return null; } },
	set(name, value) { try { localStorage.setItem(name, value); return true; } catch { return false; } },
};

// Links to what the server writes as files: [words, route, parameters].
export const address = (route, params) => `${route}?` + new URLSearchParams(Object.entries(params).filter(([, v]) => v !== null && v !== undefined && v !== ''));

export function downloads(...list) {
	return h('p', { class: 'downloads' }, 'download: ', list.flatMap(([words, route, params], i) => [i ? ', ' : '', h('a', { href: address(route, params), download: true }, words)]));
}

let saidTimer = 0;
export function say(text) { // and out of the way again
	document.getElementById('say').textContent = text;
	clearTimeout(saidTimer);
	saidTimer = setTimeout(() => { document.getElementById('say').textContent = ''; }, 15000);
}

export function complain(e) {
	const el = document.getElementById('error');
	if (e && e.name === 'AbortError') return;
	el.hidden = !e;
	el.textContent = e ? e.message : '';
}

// What is more than words is of the filter language, which the server knows: gscrape-tui(7).
const language = /[=!]=|[!@~]|[<>]=| [<>=] |\b(and|or|not|contains|in) /;
export const where = () => language.test(state.filter.replace(/(^|\s)!(?=\w)/g, ' ')) ? state.filter : null;

// !word excludes, all others must be there; as in the terminal. What the server was asked for passes.
export function matcher(filter, asked = false) {
	if (asked && where() !== null) return () => true;
	const words = filter.trim().split(/\s+/).filter(w => w && w !== '!');
	const has = (text, word) => /[A-Z]/.test(word) ? text.includes(word) : text.toLowerCase().includes(word);
	return text => words.every(w => {
		const not = w[0] === '!', word = not ? w.slice(1) : w;
		return (has(text, word) || (!/[()*]/.test(word) && has(text.replace(/\(\*|\)(?=\.)/g, ''), word))) !== not;
	});
}

// A table; heads are [title, is it a number, class, value of a row's thing for sorting]. With `sorting` ({by, down}, kept by the
// caller) the heads that have such a value are buttons, and `things` come sorted.
export function table(caption, heads, things, row, sorting) {
	return h('div', { class: 'scroll' }, h('table', { 'aria-label': caption }, heading(caption, heads, sorting), h('tbody', null, sorted(things, heads, sorting).map(row))));
}
const valueOf = (heads, sorting) => sorting && heads[sorting.by] && heads[sorting.by][3];
// What is not known comes last, whichever way; `then` orders what is equal.
export function sorted(things, heads, sorting, then = () => 0) {
	const value = valueOf(heads, sorting), sign = value && sorting.down ? -1 : 1;
	if (!value) return things;
	return things.map(x => [value(x) ?? null, x]).sort(([a, x], [b, y]) => (a === null) - (b === null) || sign * (a < b ? -1 : a > b) || then(x, y)).map(([, x]) => x);
}
export function heading(caption, heads, sorting) {
	const value = valueOf(heads, sorting);
	const head = ([title, number, cls, sortable], i) => {
		const mine = value && i === sorting.by;
		const pick = () => { sortBy(sorting, heads, i, mine ? !sorting.down : !!number); keepFocus(() => sorting.changed()); };
		return h('th', { scope: 'col', class: [number ? 'n' : '', cls || ''].join(' ').trim(), 'aria-sort': mine ? sorting.down ? 'descending' : 'ascending' : null },
			sorting && sortable ? h('button', { class: 'plain', type: 'button', id: `sort-${caption}-${i}`, on: { click: pick } }, title, mine ? sorting.down ? ' ▾' : ' ▴' : '') : title);
	};
	return h('thead', null, h('tr', null, heads.map(head)));
}
function sortBy(sorting, heads, by, down) {
	Object.assign(sorting, { by, down });
	state.sort = (down ? '-' : '') + heads[by][0];
	writeUrl();
}
// The order that the address asks for.
export function sortAsAsked(sorting, heads) {
	const can = heads.filter(x => x[3]).flatMap(([name]) => [name, '-' + name]);
	choice('sort', can);
	const by = heads.findIndex(x => x[3] && x[0] === state.sort.replace(/^-/, ''));
	if (by >= 0) Object.assign(sorting, { by, down: state.sort[0] === '-' });
}
export function reverseSort(sorting, heads) {
	sortBy(sorting, heads, sorting.by, !sorting.down);
	sorting.changed();
}
// The next column that can be sorted by, as the key does it.
export function nextSort(sorting, heads) {
	const can = heads.map((x, i) => x[3] ? i : -1).filter(i => i >= 0), at = can.indexOf(sorting.by);
	const next = can[(at + 1) % can.length];
	sortBy(sorting, heads, next, !!heads[next][1]);
	sorting.changed();
}

// --- charts ---

// A small chart without axes, from 0 up.
export function spark(values, most = Math.max(1, ...values)) {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS(svg.namespaceURI, 'path');
	for (const [k, v] of Object.entries({ class: 'spark', viewBox: `0 0 ${Math.max(1, values.length)} 20`, preserveAspectRatio: 'none', 'aria-hidden': 'true' })) svg.setAttribute(k, v);
	path.setAttribute('d', 'M0 20' + values.map((v, i) => `V${(20 - 19 * (v || 0) / most).toFixed(1)}H${i + 1}`).join('') + 'V20Z');
	svg.append(path);
	return svg;
}

export const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const palette = ['#3b82c4', '#d97706', '#2f9e5b', '#c2417c', '#8b6fd6', '#0f9aa8', '#b4534b', '#7a8a1f'];
export const color = i => palette[i % palette.length];
// The colour of a line in the chart, beside its name in a table.
export function swatch(colour) {
	const el = h('span', { class: 'swatch', 'aria-hidden': 'true' });
	el.style.backgroundColor = colour;
	return el;
}
export const families = { R: ['running', '#2f9e5b'], C: ['channel', '#3b82c4'], S: ['select', '#8fa3b8'], L: ['lock', '#d64550'],
	W: ['wait', '#d97706'], I: ['I/O', '#0f9aa8'], Z: ['sleep', '#8b6fd6'], Y: ['syscall', '#b4881a'], G: ['runtime', '#7a6a5a'] };

// Moments that have names; of all hosts, or of the one that is shown.
export const named = { all: [] };
const namedHere = x => named.all.filter(m => m.time >= x.min && m.time <= x.max && (!m.host || !state.host || m.host === state.host));
function drawNamed({ ctx, chartArea: a, scales: { x } }) {
	ctx.save();
	ctx.strokeStyle = ctx.fillStyle = css('--dim');
	ctx.setLineDash([3, 3]);
	let free = a.left;
	for (const m of namedHere(x)) {
		const at = x.getPixelForValue(m.time);
		ctx.beginPath();
		ctx.moveTo(at, a.top);
		ctx.lineTo(at, a.bottom);
		ctx.stroke();
		const width = ctx.measureText(m.mark).width;
		if (at < free || at + 4 + width > a.right) continue;
		ctx.fillText(m.mark, at + 4, a.top + 10);
		free = at + 8 + width;
	}
	ctx.restore();
}

// Where a new process began: a "!" at the top, as in the terminal.
function drawRestarts({ ctx, chartArea: a, scales: { x }, options }) {
	ctx.save();
	ctx.fillStyle = css('--mark');
	ctx.font = 'bold 13px system-ui, sans-serif';
	ctx.textAlign = 'center';
	for (const t of options.restarts ?? [])
		if (t >= x.min && t <= x.max) ctx.fillText('!', x.getPixelForValue(t), a.top + 12);
	ctx.restore();
}

// A vertical line at the time cursor, and at the pinned time.
const marks = {
	id: 'marks',
	afterDraw(chart) {
		const { ctx, chartArea: a, scales: { x } } = chart;
		drawNamed(chart);
		drawRestarts(chart);
		const own = chart.options.onCursor;
		for (const [t, c] of [[own ? null : state.at, css('--mark')], [state.base, css('--chg')], [state.until, css('--chg')]]) {
			if (t === null || t < x.min || t > x.max) continue;
			ctx.save();
			ctx.strokeStyle = c;
			ctx.lineWidth = 1.5;
			ctx.beginPath();
			ctx.moveTo(x.getPixelForValue(t), a.top);
			ctx.lineTo(x.getPixelForValue(t), a.bottom);
			ctx.stroke();
			ctx.restore();
		}
		own?.();
	},
};

// Ticks at round times, eight at most.
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000].map(s => s * 1000);
function roundTimes(axis) {
	const room = Math.max(2, Math.min(9, axis.width / 90)), step = steps.find(s => (axis.max - axis.min) / s <= room) || 31536e6;
	// Where a day begins, or the first one is not today, its date stands before the time.
	const date = v => clock(v, true).slice(0, 10), time = v => step >= 6e4 ? clock(v).slice(0, 5) : clock(v);
	let day = date(axis.min) === date(axis.max) ? date(Date.now()) : '';
	axis.ticks = [];
	for (let v = Math.ceil(axis.min / step) * step; v <= axis.max; v += step) {
		const is = date(v);
		axis.ticks.push({ value: v, label: step >= 864e5 ? is : is === day ? time(v) : [time(v), is] });
		day = is;
	}
}

// cursor: who shows the time by an element of its own; called after each drawing, as the scales may be others. legend(name, alone): a
// name in it was clicked, with another key held down or not; none, no legend.
export function lineChart(canvas, { legend, label, from, to, cursor }) {
	const dim = css('--dim'), line = css('--line');
	const tick = { color: dim, maxRotation: 0, autoSkipPadding: 18 };
	return new window.Chart(canvas, {
		type: 'line',
		data: { datasets: [] },
		plugins: [marks],
		options: {
			onCursor: cursor, animation: false, responsive: true, maintainAspectRatio: false, parsing: false,
			interaction: { mode: 'nearest', axis: 'x', intersect: false },
			elements: { point: { radius: 0, hitRadius: 6 }, line: { borderWidth: 1.6 } },
			scales: {
				x: { type: 'linear', min: from, max: to, grid: { color: line }, afterBuildTicks: roundTimes, ticks: { ...tick, callback: (v, i, all) => all[i].label } },
				y: { beginAtZero: true, grace: '5%', grid: { color: line }, ticks: { ...tick, precision: 0 },
					title: { display: !!label, text: label || '', color: dim } },
			},
			plugins: {
				legend: { display: !!legend, labels: { color: css('--fg'), boxWidth: 14, boxHeight: 2 },
					onClick: (e, item) => legend(item.text, e.native.altKey || e.native.ctrlKey || e.native.metaKey || e.native.shiftKey) },
				tooltip: { callbacks: { title: i => i.length ? clock(i[0].parsed.x, true) + ' ' + zone() : '', // `most`: what is 100 %
					label: i => `${i.dataset.label}: ${count(Math.round(i.dataset.most ? i.parsed.y * i.dataset.most / 100 : i.parsed.y))}` } },
			},
		},
	});
}

// Drag over a chart picks a range, a click a time.
export function picking(box, chart, { range, time }) {
	let from = null, pick = null;
	const at = e => {
		const x = chart().scales.x, r = box.getBoundingClientRect();
		return Math.round(Math.min(x.max, Math.max(x.min, x.getValueForPixel(e.clientX - r.left))));
	};
	box.addEventListener('pointerdown', e => {
		if (e.button || !chart() || e.clientY - box.getBoundingClientRect().top < chart().chartArea.top) return; // the legend's own
		from = e.clientX;
		box.setPointerCapture(e.pointerId);
	});
	box.addEventListener('pointermove', e => {
		if (from === null || Math.abs(e.clientX - from) < 5) return;
		const left = box.getBoundingClientRect().left;
		pick ||= box.appendChild(h('div', { class: 'pick' }));
		pick.style.left = Math.min(from, e.clientX) - left + 'px';
		pick.style.width = Math.abs(e.clientX - from) + 'px';
	});
	box.addEventListener('pointerup', e => {
		if (from === null) return;
		const a = at({ clientX: Math.min(from, e.clientX) }), b = at({ clientX: Math.max(from, e.clientX) });
		if (pick) { pick.remove(); range(a, b); } else time(at(e));
		from = pick = null;
	});
	box.addEventListener('pointercancel', () => { if (pick) pick.remove(); from = pick = null; });
}

export function later(fn, ms) {
	let timer = 0;
	return (...a) => { clearTimeout(timer); timer = setTimeout(() => fn(...a), ms); };
}
