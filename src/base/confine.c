/* SPDX-License-Identifier: MIT */
/* The only home of Landlock and seccomp. Numbers and layouts are the kernel's own, so that older headers do. */
#include <gscrape/confine.h>
#include <gscrape/err.h>

#if defined(GS_CONFINE) && defined(__has_include)
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/audit.h>)
#define CAN
#endif
#endif

#ifdef CAN
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- files --- */

enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF }; /* the same on every processor */
enum {
	EXECUTE = 1 << 0, WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3, MAKE_REG = 1 << 8,
	ALL_OF_FIRST = (1 << 13) - 1, REFER = 1 << 13, TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15,
};
enum { CONNECT_TCP = 1 << 1 };
enum { PATH_BENEATH = 1 };

struct ruleset {
	uint64_t files, net;
};
struct beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static void allow(int rules, const char *folder, uint64_t what, uint64_t known)
{
	struct beneath b = {what & known, open(folder, O_PATH | O_CLOEXEC)};

	if (b.parent < 0)
		return;
	syscall(ADD_RULE, rules, PATH_BENEATH, &b, 0);
	close(b.parent);
}

/* That which the path names, and that where the file is, which may be another. */
static void allow_folder_of(int rules, const char *path, uint64_t what, uint64_t known)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup("."), *real = realpath(path, NULL);

	allow(rules, folder, what, known);
	if (real)
		allow(rules, dirname(real), what, known);
	free(folder);
	free(real);
}

static bool confine_files(const char *store, const char *const *read, size_t n)
{
	static const char *const system[] = {"/usr", "/lib", "/lib64", "/etc", "/proc", "/dev", "/nix/store"};
	long version = syscall(CREATE_RULESET, NULL, 0, 1);
	struct ruleset all = {.files = ALL_OF_FIRST, .net = version >= 4 ? CONNECT_TCP : 0};
	bool done;
	int rules;

	if (version < 1)
		return false;
	all.files |= (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? IOCTL_DEV : 0);
	rules = (int)syscall(CREATE_RULESET, &all, version >= 4 ? sizeof all : sizeof all.files, 0);
	if (rules < 0)
		return false;
	for (size_t i = 0; i < sizeof system / sizeof *system; i++)
		allow(rules, system[i], READ_FILE | READ_DIR, all.files);
	for (size_t i = 0; i < n; i++)
		if (read[i])
			allow_folder_of(rules, read[i], READ_FILE | READ_DIR, all.files);
	allow_folder_of(rules, store, READ_FILE | READ_DIR | WRITE_FILE | MAKE_REG | TRUNCATE, all.files);
	done = syscall(RESTRICT_SELF, rules, 0) == 0;
	close(rules);
	return done;
}

/* --- calls --- */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH
static const int refused[] = {
	SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2, SYS_pivot_root,
	SYS_chroot, SYS_unshare, SYS_setns, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_acct,
	SYS_settimeofday, SYS_clock_settime, SYS_sethostname, SYS_quotactl, 425 /* io_uring_setup */, 438 /* pidfd_getfd */,
#ifdef SYS_fork
	SYS_fork, SYS_vfork,
#endif
};
#define N (sizeof refused / sizeof *refused)
#define FIELD(f) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, f))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | BPF_K | (test), (value), (yes), (no))
#define IS(value) BPF_STMT(BPF_RET | BPF_K, (value))

/* An error, as of a file that may not be read: who asks for one of them by mistake goes on. */
static bool confine_calls(void)
{
	static const struct sock_filter head[] = {
		FIELD(arch), IF(BPF_JEQ, ARCH, 1, 0), IS(SECCOMP_RET_ERRNO | EPERM), FIELD(nr),
		IF(BPF_JGE, 1 << 30, 0, 1), IS(SECCOMP_RET_ERRNO | EPERM), /* those of x32 have other numbers */
	};
	static const struct sock_filter tail[] = {
		IF(BPF_JEQ, SYS_socket, 0, 2), FIELD(args[0]), IF(BPF_JEQ, AF_UNIX, 0, 1), IS(SECCOMP_RET_ALLOW), IS(SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_filter all[6 + 2 * N + 5];
	struct sock_fprog program = {.len = sizeof all / sizeof *all, .filter = all};

	memcpy(all, head, sizeof head);
	for (size_t i = 0; i < N; i++) {
		all[6 + 2 * i] = (struct sock_filter)IF(BPF_JEQ, (uint32_t)refused[i], 0, 1);
		all[7 + 2 * i] = (struct sock_filter)IS(SECCOMP_RET_ERRNO | EPERM);
	}
	memcpy(all + 6 + 2 * N, tail, sizeof tail);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#else
static bool confine_calls(void)
{
	return false;
}
#endif

int confine(const char *store, const char *const *read, size_t n)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	return (confine_files(store, read, n) ? CONFINED_FILES : 0) | (confine_calls() ? CONFINED_CALLS : 0);
}
#else
int confine(const char *store, const char *const *read, size_t n)
{
	(void)store, (void)read, (void)n;
	return 0;
}
#endif
