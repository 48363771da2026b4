/* SPDX-License-Identifier: MIT */
/*
 * The layout is LMDB's, version 1 of its data, in the machine's own byte order and word. A page is a head and nodes: their
 * offsets grow from its beginning, they themselves from its end, without a gap. A branch's node is the first key of a
 * page below and its number (the first node's key says nothing); a leaf's is a row. What does not fit into a page stands
 * in others that follow each other. Of two heads of the file the one with the higher commit counts.
 */
#include "pages.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BRANCH = 1, LEAF = 2, LARGE = 4, HEAD = 8, KINDS = 0xffef }; /* all but that it is dirty, which says nothing in a file */
enum { NODE_LARGE = 1, NODE_TABLE = 2 };
enum { FREE, MAIN };
#define MAGIC 0xBEEFC0DEu
#define VERSION 1u
#define DEEPEST 32
#define NO_PAGE SIZE_MAX
#define MOST_MAP (SIZE_MAX >> (sizeof(size_t) > 4 ? 18 : 0))

struct page_head {
	size_t no;
	uint16_t pad, flags, lower, upper; /* of the space between offsets and nodes; large: a number of pages */
};

struct node_head {
	uint16_t low, high, flags, n_key; /* low, high: bytes of the value, or with flags the page below */
};

struct table {
	uint32_t pad;
	uint16_t flags, depth;
	size_t branches, leaves, large, rows, root;
};

struct file_head {
	uint32_t magic, version;
	void *address;
	size_t map;
	struct table tables[2];
	size_t last_page, commit;
};

/* Ours, at the end of the page that has the head. */
struct note {
	uint32_t magic, pad;
	uint64_t commit, head; /* hash of LMDB's head of this commit; 0: it is in the other page */
	uint64_t sum;
};
#define NOTE_MAGIC 0x67736e74u

struct pages {
	const char *path;
	const uint8_t *map;
	size_t bytes, size, last; /* of the file, of a page; number of the last page */
	uint8_t *used;            /* a bit for each page */
	bool salvage;             /* what is broken is passed over */
	int64_t broken;
	const struct row_reader *rows;
	struct err *e;
};

struct tree {
	struct pages *p;
	bool numbers;      /* keys are numbers in the machine's order */
	struct table seen; /* counted, and held against what the table says */
	int (*row)(struct tree *t, struct str key, struct str value, uint16_t flags);
};

/* --- heads --- */

static uint64_t note_sum(const struct note *n)
{
	return hash64(n, offsetof(struct note, sum));
}

static uint64_t head_sum(const struct file_head *h)
{
	return hash64(h, sizeof *h);
}

/* The size of a page is in the first head, as the free list's padding. */
static size_t page_size(const struct file_head *h)
{
	size_t size = h->tables[FREE].pad;

	return size >= 512 && size <= 65536 && (size & (size - 1)) == 0 ? size : 0;
}

static bool read_at(int fd, void *out, size_t n, size_t at)
{
	return pread(fd, out, n, (off_t)at) == (ssize_t)n;
}

/* Where the second head stands says the size as well, where the first one does not. 0: neither does. */
static size_t size_by_heads(int fd)
{
	struct file_head h;
	size_t size = read_at(fd, &h, sizeof h, sizeof(struct page_head)) ? page_size(&h) : 0;

	for (size_t guess = 512; !size && guess <= 65536; guess *= 2)
		if (read_at(fd, &h, sizeof h, guess + sizeof(struct page_head)) && h.magic == MAGIC && h.version == VERSION && page_size(&h) == guess)
			size = guess;
	return size;
}

/* Is the second head of this version, whatever the first one says? */
static bool second_is_known(int fd)
{
	struct file_head h;
	size_t size = size_by_heads(fd);

	return size && read_at(fd, &h, sizeof h, size + sizeof(struct page_head)) && h.magic == MAGIC && h.version == VERSION;
}

static bool read_note(int fd, size_t size, int page, struct note *n)
{
	return read_at(fd, n, sizeof *n, (size_t)(page + 1) * size - sizeof *n) && n->magic == NOTE_MAGIC && n->sum == note_sum(n);
}

static bool table_fits(const struct table *t, size_t last)
{
	return t->root == NO_PAGE ? !t->rows : t->root >= 2 && t->root <= last && t->depth && t->depth <= DEEPEST;
}

/* Can it be so? */
static bool head_fits(const struct file_head *h, size_t no, size_t size)
{
	return h->last_page >= 1 && h->last_page <= h->map / size && h->map <= MOST_MAP && table_fits(&h->tables[FREE], h->last_page) && table_fits(&h->tables[MAIN], h->last_page) &&
	       (h->commit <= 1 || (h->commit & 1) == no);
}

/* Of the older one no more than LMDB asks, and what no commit writes: one that failed leaves it half of this and half of that. */
int pages_heads(int fd, const char *path, struct err *e)
{
	struct {
		struct page_head page;
		struct file_head head;
	} at[2];
	size_t size = 0, newest;

	for (size_t no = 0; no < 2; no++) {
		if (!read_at(fd, &at[no], sizeof at[no], no * size) || at[no].head.magic != MAGIC)
			return no ? fail_as(e, ERR_DAMAGED, "%s: is damaged: page 1", path) :
				    fail_as(e, ERR_DAMAGED, "%s: is no store of gscrape-tui", path);
		if (at[no].head.version != VERSION && !no && !second_is_known(fd))
			return 0; /* LMDB knows */
		if (!no)
			size = page_size(&at[no].head);
		if (!size || at[no].head.version != VERSION || page_size(&at[no].head) != size || at[no].page.no != no || (at[no].page.flags & KINDS) != HEAD)
			return fail_as(e, ERR_DAMAGED, "%s: is damaged: page %zu", path, no);
	}
	newest = at[1].head.commit > at[0].head.commit;
	if (!head_fits(&at[newest].head, newest, size))
		return fail_as(e, ERR_DAMAGED, "%s: is damaged: page %zu", path, newest);
	return 0;
}

int pages_note(int fd, size_t number, bool on_disk)
{
	struct file_head h;
	size_t size, page = number & 1;

	if (!read_at(fd, &h, sizeof h, sizeof(struct page_head)) || h.version != VERSION || !(size = page_size(&h)))
		return 0;
	if (!read_at(fd, &h, sizeof h, page * size + sizeof(struct page_head)) || h.commit != number)
		return 0;
	for (int i = 0, heads = on_disk ? 2 : 1; i < heads; i++, page ^= 1) {
		struct note n = {.magic = NOTE_MAGIC, .commit = number, .head = i ? 0 : head_sum(&h)};

		n.sum = note_sum(&n);
		if (pwrite(fd, &n, sizeof n, (off_t)((page + 1) * size - sizeof n)) != (ssize_t)sizeof n)
			return -1;
	}
	return 0;
}

/* --- trees --- */

/* Always -1, but where what is broken is passed over. */
static int broken(struct pages *p, size_t no, const char *what)
{
	p->broken++;
	return p->salvage ? 0 : fail_as(p->e, ERR_DAMAGED, "%s: is damaged: page %zu%s", p->path, no, what);
}

/* Is the page there, and nobody's yet? It is taken then. */
static bool take_page(struct pages *p, size_t no)
{
	if (no < 2 || no > p->last || (p->used[no / 8] & 1u << no % 8))
		return false;
	p->used[no / 8] |= (uint8_t)(1u << no % 8);
	return true;
}

static const struct page_head *page_at(const struct pages *p, size_t no)
{
	const struct page_head *h = (const struct page_head *)(p->map + no * p->size);

	return no < p->bytes / p->size && h->no == no ? h : NULL;
}

static size_t n_nodes(const struct page_head *h)
{
	return (h->lower - sizeof *h) / sizeof(uint16_t);
}

static const struct node_head *node_at(const struct page_head *h, size_t i)
{
	return (const struct node_head *)((const uint8_t *)h + ((const uint16_t *)(h + 1))[i]);
}

static struct str node_key(const struct node_head *n)
{
	return (struct str){(const char *)(n + 1), n->n_key};
}

static size_t node_value(const struct node_head *n)
{
	return (size_t)n->high << 16 | n->low;
}

/* Bytes of a node of a leaf or a branch. */
static size_t node_size(const struct node_head *n, bool leaf)
{
	size_t value = !leaf ? 0 : n->flags & NODE_LARGE ? sizeof(size_t) : node_value(n);

	return (sizeof *n + n->n_key + value + 1) & ~(size_t)1;
}

/* The nodes lie within the page and fill it from its end to where it says. */
static bool page_fits(const struct pages *p, const struct page_head *h, uint16_t kind)
{
	const uint16_t *offset = (const uint16_t *)(h + 1);
	size_t sum = 0;

	if ((h->flags & KINDS) != kind || h->lower <= sizeof *h || h->lower % 2 || h->lower > h->upper || h->upper > p->size)
		return false;
	for (size_t i = 0; i < n_nodes(h); i++) {
		size_t size;

		if (offset[i] % 2 || offset[i] < h->upper || offset[i] + sizeof(struct node_head) > p->size)
			return false;
		size = node_size(node_at(h, i), kind == LEAF);
		if (size > p->size - offset[i])
			return false;
		sum += size;
	}
	return sum == p->size - h->upper;
}

static int compare(bool numbers, struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n, x, y;
	int c;

	if (numbers) {
		memcpy(&x, a.p, sizeof x);
		memcpy(&y, b.p, sizeof y);
		return x < y ? -1 : x > y;
	}
	c = memcmp(a.p, b.p, n);
	return c ? c : a.n < b.n ? -1 : a.n > b.n;
}

/* The keys rise, from `from` on and up to before `to` (p NULL: no end). */
static bool keys_rise(const struct tree *t, const struct page_head *h, struct str from, struct str to)
{
	size_t first = h->flags & BRANCH ? 1 : 0;
	struct str last = from;

	for (size_t i = first; i < n_nodes(h); i++) {
		struct str key = node_key(node_at(h, i));
		int c;

		if (t->numbers && key.n != sizeof(size_t))
			return false;
		c = last.p ? compare(t->numbers, last, key) : -1;
		if (c > 0 || (c == 0 && i > first))
			return false;
		last = key;
	}
	return !to.p || !last.p || compare(t->numbers, last, to) < 0;
}

/* A value that has pages of its own. */
static bool large_value(struct tree *t, const struct node_head *n, struct str *out)
{
	struct pages *p = t->p;
	const struct page_head *h;
	size_t no, bytes = node_value(n), count;
	uint32_t have;

	memcpy(&no, (const char *)(n + 1) + n->n_key, sizeof no);
	count = (sizeof *h + bytes - 1) / p->size + 1;
	h = no < 2 || no > p->last ? NULL : page_at(p, no);
	if (!h || (h->flags & KINDS) != LARGE)
		return false;
	memcpy(&have, &h->lower, sizeof have);
	if (have < count || have > p->last + 1 - no || no + count > p->bytes / p->size)
		return false;
	for (size_t i = 0; i < have; i++)
		if (!take_page(p, no + i))
			return false;
	t->seen.large += have;
	*out = (struct str){(const char *)(h + 1), bytes};
	return true;
}

static int leaf_rows(struct tree *t, const struct page_head *h)
{
	for (size_t i = 0; i < n_nodes(h); i++) {
		const struct node_head *n = node_at(h, i);
		struct str value = {(const char *)(n + 1) + n->n_key, node_value(n)};

		if (n->flags & ~(NODE_LARGE | NODE_TABLE) || (n->flags & NODE_LARGE && !large_value(t, n, &value))) {
			if (broken(t->p, h->no, ": a large row") < 0)
				return -1;
			continue;
		}
		t->seen.rows++;
		if (t->row && t->row(t, node_key(n), value, n->flags) < 0)
			return -1;
	}
	return 0;
}

static int walk(struct tree *t, size_t no, uint16_t depth, struct str from, struct str to)
{
	uint16_t kind = depth > 1 ? BRANCH : LEAF;
	const struct page_head *h = take_page(t->p, no) ? page_at(t->p, no) : NULL;
	int rc = 0;

	if (!h || !page_fits(t->p, h, kind) || !keys_rise(t, h, from, to))
		return broken(t->p, no, "");
	if (kind == LEAF) {
		t->seen.leaves++;
		return leaf_rows(t, h);
	}
	t->seen.branches++;
	for (size_t i = 0; i < n_nodes(h) && !rc; i++) {
		const struct node_head *n = node_at(h, i);
		size_t below = node_value(n) | (sizeof(size_t) > 4 ? (size_t)n->flags << 31 << 1 : 0);

		rc = walk(t, below, depth - 1, i ? node_key(n) : from, i + 1 < n_nodes(h) ? node_key(node_at(h, i + 1)) : to);
	}
	return rc;
}

static int walk_table(struct tree *t, const struct table *table, const char *what)
{
	const struct table *s = &t->seen;

	if (!table_fits(table, t->p->last))
		return broken(t->p, table->root, what);
	if (table->root != NO_PAGE && walk(t, table->root, table->depth, (struct str){0}, (struct str){0}) < 0)
		return -1;
	if (s->branches != table->branches || s->leaves != table->leaves || s->large != table->large || s->rows != table->rows)
		return broken(t->p, table->root, what);
	return 0;
}

/* --- what the rows of LMDB's own two tables say --- */

/* Pages that are free: their number, and they. */
static int free_row(struct tree *t, struct str key, struct str value, uint16_t flags)
{
	size_t n, no = 0, by;

	memcpy(&by, key.p, sizeof by);
	n = value.n / sizeof n;
	memcpy(&no, value.p, n ? sizeof no : 0);
	if (!n || flags & NODE_TABLE || no >= n)
		return broken(t->p, by, ": the list of free pages");
	n = no;
	for (size_t i = 1; i <= n; i++) {
		memcpy(&no, value.p + i * sizeof no, sizeof no);
		if (!take_page(t->p, no))
			return broken(t->p, no, ": is free and is not");
	}
	return 0;
}

static int give_row(struct tree *t, struct str key, struct str value, uint16_t flags)
{
	if (flags & NODE_TABLE)
		return broken(t->p, 0, ": a table within one");
	t->p->rows->row(t->p->rows->ctx, key, value, flags & NODE_LARGE);
	return 0;
}

static int table_row(struct tree *t, struct str key, struct str value, uint16_t flags)
{
	struct tree below = {.p = t->p, .row = give_row};
	struct table table;

	(void)key;
	if (!(flags & NODE_TABLE) || value.n != sizeof table)
		return broken(t->p, 0, ": the list of tables");
	memcpy(&table, value.p, sizeof table);
	if (table.flags)
		return broken(t->p, 0, ": the list of tables");
	return walk_table(&below, &table, ": a table");
}

static int walk_all(struct pages *p, const struct file_head *head)
{
	struct tree main = {.p = p, .row = table_row}, free_list = {.p = p, .numbers = true, .row = free_row};

	if (walk_table(&main, &head->tables[MAIN], ": the tables") < 0)
		return -1;
	return walk_table(&free_list, &head->tables[FREE], ": the list of free pages");
}

/* --- a file --- */

static int map_pages(struct pages *p, int fd)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) < 0)
		return fail_errno(p->e, errno, p->path);
	p->bytes = (size_t)st.st_size;
	p->size = size_by_heads(fd);
	if (!p->size || p->bytes < 2 * p->size)
		return fail_as(p->e, ERR_DAMAGED, "%s: is cut", p->path);
	map = mmap(NULL, p->bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return fail_errno(p->e, errno, p->path);
	p->map = map;
	return 0;
}

static void unmap_pages(struct pages *p)
{
	if (p->map)
		munmap((void *)(uintptr_t)p->map, p->bytes);
	free(p->used);
}

static struct file_head head_of(const struct pages *p, size_t page)
{
	struct file_head h;

	memcpy(&h, p->map + page * p->size + sizeof(struct page_head), sizeof h);
	return h;
}

static int walk_from(struct pages *p, const struct file_head *head)
{
	p->last = head->last_page;
	p->used = xcalloc(p->last / 8 + 1, 1);
	return walk_all(p, head);
}

/*
 * Is this commit the newest one, as far as the notes tell? Each commit is noted when it is done, and the next one waits
 * for that, so that one more than was noted is possible, and nothing else.
 */
static bool noted(int fd, const struct pages *p, const struct file_head *head)
{
	uint64_t newest = 0;
	struct note n;

	for (int page = 0; page < 2; page++) {
		if (!read_note(fd, p->size, page, &n))
			continue;
		if (n.commit == head->commit && n.head && n.head != head_sum(head))
			return false;
		if (n.commit > newest)
			newest = n.commit;
	}
	return !newest || head->commit == newest || head->commit == newest + 1;
}

int pages_sound(int fd, const char *path, size_t number, const struct row_reader *rows, struct err *e)
{
	struct pages p = {.path = path, .rows = rows, .e = e};
	struct file_head head;
	int rc = map_pages(&p, fd);

	if (!rc) {
		head = head_of(&p, number & 1);
		if (head.version != VERSION)
			rc = 1;
		else if (head.commit != number) /* LMDB has the number from whoever has the lock file open */
			fail_as(e, ERR_IO, "%s: is not the file that its lock file (%s-lock) is of: it was replaced under a program that has the one before open, and "
					   "can be read when that one has ended", path, path);
		else if (!noted(fd, &p, &head))
			fail_as(e, ERR_DAMAGED, "%s: is damaged: its newest commit is not %zu, as the file says", path, number);
		else
			rc = walk_from(&p, &head) < 0 ? -1 : 1;
	}
	unmap_pages(&p);
	return rc;
}

/* Pages that are neither in a tree nor free were below one that is broken. */
static void lost_pages(struct pages *p)
{
	for (size_t no = 2; no <= p->last; no++) {
		struct tree t = {.p = p, .row = give_row};
		const struct page_head *h = p->used[no / 8] & 1u << no % 8 ? NULL : page_at(p, no);

		if (h && page_fits(p, h, LEAF))
			leaf_rows(&t, h);
	}
}

int64_t pages_salvage(int fd, const char *path, const struct row_reader *rows, struct err *e)
{
	struct pages p = {.path = path, .salvage = true, .rows = rows, .e = e};
	struct file_head a, b;
	int rc = map_pages(&p, fd);

	if (!rc) {
		a = head_of(&p, 0);
		b = head_of(&p, 1);
		if (head_fits(&b, 1, p.size) && (b.commit > a.commit || !head_fits(&a, 0, p.size)))
			a = b;
		a.last_page = p.bytes / p.size - 1; /* the older head knows fewer */
		walk_from(&p, &a);
		lost_pages(&p);
	}
	unmap_pages(&p);
	return rc < 0 ? -1 : p.broken;
}
