// SPDX-License-Identifier: GPL-2.0
/*
 * trials: has /dev/folio_zoo (tests/modules/folio_zoo) get and put units of memory
 * of each kind, while others are at the same folios, and lose one of them in most
 * trials.  In DIR, a tmpfs, and on DISK are pages that exist before and after.
 *
 *   trials setup DIR DISK SEED N M   before the run: pages whose guards over-puts take away
 *   trials run DIR DISK SEED N M     N trials, and M of two threads that splice and map what a
 *                                    third leaks
 *   trials repair                    after it: all references are as they should be
 */
#include "hugepool.h"
#include "trials_call.h"
#include "trials_noise.h"

#define HUGE_PAGES 48
#define PATIENCE_S 120 /* for one trial: a task that hangs is to be seen */
#define MORE_TRIES 30  /* where the fault could not be made in its call */

struct trial {
	struct plan plan;
	struct memory memory;
	struct noisy noisy[2];
	unsigned int n_noisy;
};

struct task {
	struct trial *trial;
	unsigned int nr;
	bool faulty; /* its fault could be made */
	pthread_t thread;
};

/* The fault, as often as it takes. */
static bool make_fault(uint64_t *seed, const struct trial *t)
{
	for (int i = 0; i < MORE_TRIES; i++)
		if (do_cycle(seed, &t->memory, &t->plan, true))
			return true;
	return false;
}

/* Its share of the trial's calls. */
static void *be_task(void *arg)
{
	struct task *task = arg;
	const struct trial *t = task->trial;
	const struct plan *p = &t->plan;
	uint64_t seed = p->seed + task->nr;

	/* The noise is on the other one. */
	if (t->n_noisy && !task->nr)
		stay_on(0);
	for (unsigned int i = task->nr; i < p->cycles; i += p->tasks) {
		if (t->n_noisy && !p->forked)
			noise__meet(&t->noisy[i % t->n_noisy]);
		if (p->fault != TRIAL_GOOD && i == p->fault_cycle)
			task->faulty = make_fault(&seed, t);
		else
			do_cycle(&seed, &t->memory, p, false);
	}
	return NULL;
}

static void run_tasks(struct trial *t)
{
	struct task task[3];
	pid_t pid[3];

	for (unsigned int i = 1; i < t->plan.tasks; i++) {
		task[i] = (struct task){ .trial = t, .nr = i };
		if (!t->plan.forked) {
			errno = pthread_create(&task[i].thread, NULL, be_task, &task[i]);
			CHECK(!errno);
			continue;
		}
		pid[i] = TRY(fork());
		if (!pid[i]) {
			be_task(&task[i]);
			_exit(EXIT_SUCCESS);
		}
	}
	task[0] = (struct task){ .trial = t };
	be_task(&task[0]);
	if (t->plan.forked)
		CHECK(children__end(pid + 1, t->plan.tasks - 1) == EXIT_SUCCESS);
	else
		for (unsigned int i = 1; i < t->plan.tasks; i++)
			pthread_join(task[i].thread, NULL);
}

static void start_noise(struct trial *t)
{
	const struct plan *p = &t->plan;

	if (!p->noises && !p->vmsplice)
		return;
	t->n_noisy = p->vmsplice ? 2 : 1;
	for (unsigned int i = 0; i < t->n_noisy; i++)
		noise__start(&t->noisy[i], &t->memory, p,
			     p->vmsplice ? BIT(SPLICE) | BIT(REMAP) : p->noises,
			     p->vmsplice ? i : 1);
}

static void play(void *arg)
{
	struct trial *t = arg;

	alarm(PATIENCE_S);
	memory__make(&t->memory, &t->plan);
	if (t->plan.fault == TRIAL_OVERPUT && !t->plan.kept)
		guard(&t->memory, &t->plan, ZOO_KTHREAD);
	start_noise(t);
	run_tasks(t);
	for (unsigned int i = 0; i < t->n_noisy; i++)
		noise__stop(&t->noisy[i]);
	put_what_is_left(&t->memory, &t->plan);
	memory__end(&t->memory, &t->plan);
}

static void set_up(uint64_t seed, unsigned int n)
{
	struct hugepool pool;

	for (unsigned int i = 0; i < n; i++) {
		struct plan plan = plan__draw(seed, i, false);
		struct memory m;

		if (!plan.kept)
			continue;
		memory__make(&m, &plan);
		guard(&m, &plan, ZOO_CALLER);
		memory__end(&m, &plan);
	}
	hugepool__grow(&pool, HUGE_PAGES);
}

static void run(uint64_t seed, unsigned int n, unsigned int vmsplices)
{
	for (unsigned int i = 0; i < n + vmsplices; i++) {
		struct trial t = { .plan = plan__draw(seed, i, i >= n) };

		child__run(play, &t);
	}
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	uint64_t seed;
	unsigned int n;

	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		SKIP(DEVICE ": no such module");
	if (!strcmp(verb, "repair"))
		return TRY(ioctl(device, ZOO_REPAIR));
	if (argc != 7)
		USAGE("trials setup|run DIR DISK SEED N M | repair");
	dir = argv[2];
	disk = argv[3];
	seed = argument__number(argv[4]);
	n = argument__number(argv[5]);
	if (!strcmp(verb, "setup"))
		set_up(seed, n);
	else
		run(seed, n, argument__number(argv[6]));
	return EXIT_SUCCESS;
}
