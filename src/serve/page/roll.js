// SPDX-License-Identifier: MIT
// A list of any length: of its rows only those that can be seen are there, each as high as the next. What stands above and below is
// room, so that the scroll bar is right.
import { h, heading } from './lib.js';

const SPARE = 8; // rows above and below what is seen
const rolls = new WeakMap();
export const rollOf = el => rolls.get(el.closest?.('.roll'));

export class Roll {
	// row(thing) makes a <tr>; seen(things) hears, when things rest, which ones are there; heads and sorting are table()'s.
	constructor({ name, table = name, heads, sorting, row, seen, cls = '' }) {
		Object.assign(this, { row, seen, things: [], rows: new Map(), high: 32 });
		const room = () => h('tr', { 'aria-hidden': 'true' }, h('td', { class: 'room' }));
		this.body = h('tbody', null, this.above = room(), this.below = room());
		this.table = h('table', { 'aria-label': table }, heads.some(x => x[0]) ? heading(table, heads, sorting) : null, this.body);
		this.box = h('div', { class: `scroll roll ${cls}`, tabindex: 0, role: 'region', 'aria-label': name, on: { scroll: () => this.soon() } }, this.table);
		rolls.set(this.box, this);
		this.resized = new ResizeObserver(() => this.draw());
		this.resized.observe(this.box);
	}
	// These, in this order; rows are made anew.
	set(things) {
		this.things = things;
		for (const tr of this.rows.values()) tr.remove();
		this.rows.clear();
		this.table.setAttribute('aria-rowcount', things.length);
		this.draw();
	}
	soon() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.draw(); }); }
	draw(again = false) {
		const from = Math.max(0, Math.floor(this.box.scrollTop / this.high) - SPARE);
		const to = Math.min(this.things.length, Math.ceil((this.box.scrollTop + (this.box.clientHeight || 600)) / this.high) + SPARE);
		let behind = this.below;
		for (let i = to - 1; i >= from; i--) {
			let tr = this.rows.get(i);
			if (!tr) {
				this.rows.set(i, tr = this.row(this.things[i]));
				tr.setAttribute('aria-rowindex', i + 1);
				behind.before(tr);
			}
			behind = tr;
		}
		this.above.firstChild.style.height = from * this.high + 'px';
		this.below.firstChild.style.height = Math.max(0, this.things.length - to) * this.high + 'px';
		this.above.hidden = !from;
		this.below.hidden = to >= this.things.length;
		for (const [i, tr] of this.rows) if (i < from || i >= to) this.drop(i, tr); // last, or there would be too little to scroll in
		if (!again && this.measured(from, to)) return this.draw(true);
		if (!this.seen) return;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.seen(this.things.slice(from, to)), 100);
	}
	// How high a row is, by all that are there, as a border may be in one of them; true: it was taken for something else.
	measured(from, to) {
		const top = this.rows.get(from)?.getBoundingClientRect().top, bottom = this.rows.get(to - 1)?.getBoundingClientRect().bottom, real = (bottom - top) / (to - from);
		if (!(real > 0) || Math.abs(real - this.high) <= .1) return false;
		this.high = real;
		return true;
	}
	drop(i, tr) {
		const focus = tr.contains(document.activeElement);
		tr.remove();
		this.rows.delete(i);
		if (focus) this.box.focus({ preventScroll: true });
	}
	// The rows that are there, with what they show.
	each(fn) { for (const [i, tr] of this.rows) fn(this.things[i], tr); }
	// The focus so many rows on; false: there is no row.
	move(d) {
		const at = [...this.rows].find(([, tr]) => tr.contains(document.activeElement))?.[0] ?? Math.ceil(this.box.scrollTop / this.high) - Math.sign(d);
		const to = Math.min(this.things.length - 1, Math.max(0, at + d)), head = this.table.tHead?.offsetHeight || 0;
		if (to === at || to < 0) return false;
		const top = to * this.high, low = top + this.high + head - this.box.clientHeight;
		this.box.scrollTop = Math.max(low, Math.min(this.box.scrollTop, top));
		this.draw();
		this.rows.get(to)?.querySelector('a, button')?.focus({ preventScroll: true });
		return true;
	}
	close() {
		cancelAnimationFrame(this.frame);
		clearTimeout(this.timer);
		this.resized.disconnect();
	}
}
