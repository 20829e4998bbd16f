/* SPDX-License-Identifier: GPL-2.0 */
/* What a trial does, drawn from the seed: the same seed draws the same trials. */
#ifndef TRIALS_PLAN_H
#define TRIALS_PLAN_H

#include "../modules/folio_zoo/abi.h"
#include "workload.h"

enum kind { SMALL, HUGE, PTE, SHMEM, DISK_FILE, HUGETLB, KSM, KINDS };

enum noise {
	SPLICE,
	DIRECT_WRITE,
	DIRECT_READ,
	FORK,
	PROTECT,
	COLD,
	PAGE_OUT,
	MOVE,
	LOCK,
	REMAP,
	SPLICE_FILE,
	NOISES
};

#define BIT(n) (1U << (n))

static const struct {
	const char *name;
	size_t pages;
	bool shared;
	unsigned int noises;
} kinds[KINDS] = {
	[SMALL] = { "small", 16, false,
		    BIT(SPLICE) | BIT(DIRECT_WRITE) | BIT(DIRECT_READ) | BIT(FORK) | BIT(PROTECT) |
			    BIT(COLD) | BIT(PAGE_OUT) | BIT(MOVE) | BIT(LOCK) },
	[HUGE] = { "thp", 512, false,
		   BIT(SPLICE) | BIT(DIRECT_WRITE) | BIT(DIRECT_READ) | BIT(FORK) | BIT(COLD) |
			   BIT(MOVE) | BIT(LOCK) },
	[PTE] = { "pte", 512, false,
		  BIT(SPLICE) | BIT(DIRECT_WRITE) | BIT(DIRECT_READ) | BIT(FORK) | BIT(PROTECT) |
			  BIT(COLD) | BIT(MOVE) | BIT(LOCK) },
	[SHMEM] = { "shmem", 16, true,
		    BIT(SPLICE) | BIT(DIRECT_WRITE) | BIT(DIRECT_READ) | BIT(FORK) | BIT(PROTECT) |
			    BIT(COLD) | BIT(PAGE_OUT) | BIT(MOVE) | BIT(LOCK) | BIT(REMAP) |
			    BIT(SPLICE_FILE) },
	[DISK_FILE] = { "file", 16, true,
			BIT(SPLICE) | BIT(DIRECT_WRITE) | BIT(FORK) | BIT(PROTECT) | BIT(COLD) |
				BIT(PAGE_OUT) | BIT(MOVE) | BIT(LOCK) | BIT(REMAP) |
				BIT(SPLICE_FILE) },
	[HUGETLB] = { "hugetlb", 512, false,
		      BIT(SPLICE) | BIT(DIRECT_WRITE) | BIT(DIRECT_READ) | BIT(FORK) | BIT(LOCK) },
	/* Nothing that gives the process a page of its own. */
	[KSM] = { "ksm", 16, false, BIT(SPLICE) | BIT(FORK) | BIT(COLD) | BIT(MOVE) | BIT(LOCK) },
};

/* What threads of the kernel do in a trial. */
enum outside { ALONE, PUTS, GETS_AND_PUTS };

struct plan {
	unsigned int nr;
	uint64_t seed;
	enum kind kind;
	enum trial_fault fault;
	bool pin;      /* what the fault is of */
	bool kept;     /* its page, and the guard of it, are from before the run */
	bool vmsplice; /* two threads splice and map the page that a third leaks */
	bool forked;   /* its tasks are processes */
	enum outside outside;
	bool handed;	     /* the command puts what threads of the kernel got; no fault */
	bool dropped;	     /* the file goes in the end */
	unsigned int noises; /* at the same time on another CPU; none: quiet */
	unsigned int tasks, cycles;
	unsigned int fault_cycle;
	size_t page; /* that most calls are about */
};

/* splitmix64 */
static inline uint64_t draw(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline unsigned int below(uint64_t *seed, unsigned int n)
{
	return draw(seed) % n;
}

static inline bool chance(uint64_t *seed, unsigned int percent)
{
	return below(seed, 100) < percent;
}

/* One of those whose bits are set. */
static inline unsigned int one_of(uint64_t *seed, unsigned int bits)
{
	unsigned int nth = below(seed, __builtin_popcount(bits));

	while (nth--)
		bits &= bits - 1;
	return __builtin_ctz(bits);
}

static inline void plan__fault(struct plan *p)
{
	unsigned int of_100 = below(&p->seed, 100);

	p->fault = of_100 < 25 ? TRIAL_GOOD : of_100 < 68 ? TRIAL_LEAK : TRIAL_OVERPUT;
	p->pin = p->fault != TRIAL_GOOD && chance(&p->seed, 30);
	/* Pins of it would be pins of a copy. */
	if (p->kind == KSM)
		p->pin = false;
	p->kept = p->fault == TRIAL_OVERPUT && kinds[p->kind].shared && chance(&p->seed, 50);
}

static inline struct plan plan__draw(uint64_t seed, unsigned int nr, bool vmsplice)
{
	struct plan p = { .nr = nr, .seed = seed ^ (nr + 1) * 0xd1342543de82ef95ULL };

	p.kind = vmsplice ? SHMEM : (nr + seed) % KINDS;
	p.vmsplice = vmsplice;
	plan__fault(&p);
	if (vmsplice) {
		p.fault = TRIAL_LEAK;
		p.pin = p.kept = false;
	}
	p.tasks = vmsplice ? 1 : 1 + below(&p.seed, 3);
	p.forked = chance(&p.seed, kinds[p.kind].shared ? 50 : 25);
	/* A pin in a child would be a pin of a copy, never the guarded one. */
	if (p.fault == TRIAL_OVERPUT && p.pin && !kinds[p.kind].shared)
		p.forked = false;
	p.outside = one_of(&p.seed, 0x1f) / 2;
	p.handed = p.fault == TRIAL_GOOD && chance(&p.seed, 15);
	p.dropped = chance(&p.seed, 50);
	if (!vmsplice && chance(&p.seed, 50))
		for (int i = 0; i < 3; i++)
			p.noises |= BIT(one_of(&p.seed, kinds[p.kind].noises));
	p.cycles = 1 + below(&p.seed, p.noises || vmsplice ? 20 : 10);
	p.fault_cycle = below(&p.seed, p.cycles);
	p.page = chance(&p.seed, 30) || p.kept ? 0 : below(&p.seed, kinds[p.kind].pages);
	return p;
}

/* Its name in the log: kind, what is at the same folio, guard, threads of the kernel, tasks. */
static inline void plan__name(const struct plan *p, char *name)
{
	static const char *const outside[] = { "alone", "puts", "both" };
	const char *guard = p->handed		      ? "handed" :
			    p->fault != TRIAL_OVERPUT ? "-" :
			    p->kept		      ? "before" :
							"thread";

	snprintf(name, ZOO_NAME_LEN, "%s:%s:%s:%s:%s",
		 p->vmsplice ? "vmsplice" : kinds[p->kind].name,
		 p->noises || p->vmsplice ? "busy" : "quiet", guard, outside[p->outside],
		 p->tasks == 1 ? "one" :
		 p->forked     ? "forked" :
				 "threads");
}

#endif
