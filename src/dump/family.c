/* SPDX-License-Identifier: MIT */
/* Wait reasons to families. Source: waitReasonStrings and gStatusStrings of runtime2.go and traceback.go, 1.8 to 1.27. */
#include <gscrape/dump.h>

static const struct {
	const char *name;
	char letter;
} families[FAM_MAX] = {
	[FAM_RUNNING] = {"running", 'R'}, [FAM_CHAN] = {"chan", 'C'},	[FAM_SELECT] = {"select", 'S'},
	[FAM_LOCK] = {"lock", 'L'},	  [FAM_WAIT] = {"wait", 'W'},	[FAM_IO] = {"io", 'I'},
	[FAM_SLEEP] = {"sleep", 'Z'},	  [FAM_SYSCALL] = {"syscall", 'Y'}, [FAM_RUNTIME] = {"runtime", 'G'},
};

/* By the reason's beginning, so that "(nil chan)", "(no cases)" and "(synctest)" need no rows of their own. */
static const struct {
	struct str head;
	enum family family;
} reasons[] = {
	{{"chan ", 5}, FAM_CHAN},	{{"select", 6}, FAM_SELECT},	 {{"IO wait", 7}, FAM_IO},
	{{"running", 7}, FAM_RUNNING},	{{"runnable", 8}, FAM_RUNNING}, {{"sleep", 5}, FAM_SLEEP},
	{{"sync.WaitGroup", 14}, FAM_WAIT}, {{"sync.Cond", 9}, FAM_WAIT}, {{"sync.", 5}, FAM_LOCK},
	{{"semacquire", 10}, FAM_LOCK}, {{"semarelease", 11}, FAM_LOCK}, {{"syscall", 7}, FAM_SYSCALL},
	{{"synctest", 8}, FAM_WAIT},	{{"preempted", 9}, FAM_RUNNING}, {{"coroutine", 9}, FAM_CHAN},
	{{"copystack", 9}, FAM_RUNNING},
};

/* Up to Go 1.19 all of these wait in "semacquire"; the frame tells. */
static const struct {
	struct str func;
	enum family family;
} frames[] = {
	{{"sync.(*WaitGroup).Wait", 22}, FAM_WAIT},	      {{"sync.(*Cond).Wait", 17}, FAM_WAIT},
	{{"sync.runtime_notifyListWait", 27}, FAM_WAIT},    {{"internal/poll.runtime_Semacquire", 32}, FAM_IO},
	{{"internal/poll.(*fdMutex).rwlock", 31}, FAM_IO},
};

enum family dump_family(struct str state, const struct str *top, size_t n_top)
{
	if (str_begins(state, STR("semacquire"))) {
		for (size_t i = 0; i < n_top && i < 4; i++)
			for (size_t k = 0; k < sizeof frames / sizeof *frames; k++)
				if (str_eq(top[i], frames[k].func))
					return frames[k].family;
	}
	for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
		if (str_begins(state, reasons[k].head))
			return reasons[k].family;
	return FAM_RUNTIME;
}

/*
 * Source: sync/mutex.go, rwmutex.go, waitgroup.go, cond.go, internal/poll of Go 1.8 to 1.27. Semaphores' own addresses are
 * left out: since Go 1.18 they are printed with "?" and mostly stale.
 */
static const struct {
	struct str func;
	const char *kind;
} wait_frames[] = {
	{{"sync.(*Mutex).lockSlow", 22}, "sync.Mutex"},	     {{"internal/sync.(*Mutex).lockSlow", 31}, "sync.Mutex"},
	{{"sync.(*Mutex).Lock", 18}, "sync.Mutex"},	     {{"sync.(*RWMutex).RLock", 21}, "sync.RWMutex"},
	{{"sync.(*RWMutex).Lock", 20}, "sync.RWMutex"},	     {{"sync.(*WaitGroup).Wait", 22}, "sync.WaitGroup"},
	{{"sync.runtime_notifyListWait", 27}, "sync.Cond"}, {{"sync.(*Cond).Wait", 17}, "sync.Cond"},
	{{"internal/poll.runtime_pollWait", 30}, "network descriptor"},
};

const char *dump_wait_kind(struct str func)
{
	for (size_t i = 0; i < sizeof wait_frames / sizeof *wait_frames; i++)
		if (str_eq(func, wait_frames[i].func))
			return wait_frames[i].kind;
	return NULL;
}

char family_letter(enum family f)
{
	return f < FAM_MAX ? families[f].letter : '?';
}

const char *family_name(enum family f)
{
	return f < FAM_MAX ? families[f].name : "unknown";
}
