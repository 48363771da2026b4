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

/* Where the runtime's own frames are, or where they are left out: the first one that says it. */
static const struct {
	struct str func, state;
} waits[] = {
	{{"runtime.chanrecv", 16}, {"chan receive", 12}},
	{{"runtime.chanrecv1", 17}, {"chan receive", 12}},
	{{"runtime.chanrecv2", 17}, {"chan receive", 12}},
	{{"runtime.chansend", 16}, {"chan send", 9}},
	{{"runtime.chansend1", 17}, {"chan send", 9}},
	{{"runtime.selectgo", 16}, {"select", 6}},
	{{"runtime.block", 13}, {"select (no cases)", 17}},
	{{"time.Sleep", 10}, {"sleep", 5}},
	{{"internal/poll.runtime_pollWait", 30}, {"IO wait", 7}},
	{{"sync.runtime_SemacquireMutex", 28}, {"sync.Mutex.Lock", 15}},
	{{"internal/sync.runtime_SemacquireMutex", 37}, {"sync.Mutex.Lock", 15}},
	{{"sync.runtime_SemacquireRWMutex", 30}, {"sync.RWMutex.Lock", 17}},
	{{"sync.runtime_SemacquireRWMutexR", 31}, {"sync.RWMutex.RLock", 18}},
	{{"sync.runtime_SemacquireWaitGroup", 32}, {"sync.WaitGroup.Wait", 19}},
	{{"sync.runtime_Semacquire", 23}, {"semacquire", 10}},
	{{"internal/poll.runtime_Semacquire", 32}, {"semacquire", 10}},
	{{"sync.runtime_notifyListWait", 27}, {"sync.Cond.Wait", 14}},
	{{"os/signal.signal_recv", 21}, {"syscall", 7}},
	{{"internal/runtime/syscall.Syscall6", 33}, {"syscall", 7}},
	{{"syscall.Syscall", 15}, {"syscall", 7}},
	{{"syscall.Syscall6", 16}, {"syscall", 7}},
	{{"runtime/pprof.runtime_goroutineProfileWithLabels", 48}, {"running", 7}},
	{{"runtime/pprof.writeRuntimeProfile", 33}, {"running", 7}},
};

struct str dump_state_by(struct str func)
{
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
		if (str_eq(func, waits[i].func))
			return waits[i].state;
	return (struct str){0};
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
