/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of BPF programs: which programs serve a hook, which of them is the fallback of
 * another, and what is lost when the kernel skips a run.
 *
 * The kernel does not run a program on a CPU where the same program already runs
 * (bpf_prog->active, __bpf_prog_enter_recur() and __bpf_trace_run()). It counts the skipped runs
 * in recursion_misses of struct bpf_prog_info. Births, deaths and reference operations must not be
 * missed, so their programs have a fallback program on the same hook (bpf/track.h).
 *
 * Both sides expand the table: bpf/ into programs, src/capture into what to load, attach and count.
 * A row without a program, or a program without a row, does not compile. Rows stand in the order of
 * attachment: returns before entries, or an entry without its return would look unfinished; a
 * program before its fallback.
 */
#ifndef FT_PROGRAMS_H
#define FT_PROGRAMS_H

#include "hooks.h"

/* What a skipped run of a program loses. */
enum ft_loses {
	FT_LOSES_NOTHING = 0,	/* another program makes up for it */
	FT_LOSES_READING = 1,	/* a line less in a timeline */
	FT_LOSES_OPERATION = 2, /* one operation on a reference count */
	FT_LOSES_LIFETIME = 3,	/* a birth or a death */
};

/*
 * The programs of one hook, by its role: PROGRAM(section, name, loses, ...), where the row's own
 * columns follow. The program is called name_function.
 */
/* clang-format off */
#define FT_PROGRAMS_CALL(PROGRAM, ...)						\
	PROGRAM(fexit, on_return, READING, __VA_ARGS__)				\
	PROGRAM(fentry, on_enter, READING, __VA_ARGS__)
#define FT_PROGRAMS_LOOK FT_PROGRAMS_CALL
#define FT_PROGRAMS_UNMAP FT_PROGRAMS_CALL
#define FT_PROGRAMS_MOVE FT_PROGRAMS_CALL
#define FT_PROGRAMS_FINALIZE FT_PROGRAMS_CALL
/* A folio mapped for the first time is a birth, or an adoption. */
#define FT_PROGRAMS_MAP(PROGRAM, ...)						\
	PROGRAM(fexit, on_return, LIFETIME, __VA_ARGS__)			\
	PROGRAM(fentry, on_enter, LIFETIME, __VA_ARGS__)
#define FT_PROGRAMS_MAP_NEW FT_PROGRAMS_MAP
#define FT_PROGRAMS_SPLIT(PROGRAM, ...)						\
	PROGRAM(fexit, on_return, LIFETIME, __VA_ARGS__)			\
	PROGRAM(fexit, on_return_fallback, NOTHING, __VA_ARGS__)		\
	PROGRAM(fentry, on_enter, LIFETIME, __VA_ARGS__)
#define FT_PROGRAMS_BIRTH(PROGRAM, ...)						\
	PROGRAM(fexit, on_return, LIFETIME, __VA_ARGS__)			\
	PROGRAM(fexit, on_return_fallback, NOTHING, __VA_ARGS__)		\
	PROGRAM(fentry, on_enter, LIFETIME, __VA_ARGS__)			\
	PROGRAM(fentry, on_enter_fallback, NOTHING, __VA_ARGS__)
#define FT_PROGRAMS_DEATH(PROGRAM, ...)						\
	PROGRAM(fentry, on_enter, LIFETIME, __VA_ARGS__)			\
	PROGRAM(fentry, on_enter_fallback, NOTHING, __VA_ARGS__)
/* What is not found is seen once it is mapped. */
#define FT_PROGRAMS_FOUND(PROGRAM, ...)						\
	PROGRAM(fexit, on_return, READING, __VA_ARGS__)
#define FT_PROGRAMS_ALLOC FT_PROGRAMS_FOUND
#define FT_PROGRAMS_REF(PROGRAM, ...)						\
	PROGRAM(raw_tp, on, OPERATION, __VA_ARGS__)				\
	PROGRAM(raw_tp, on_fallback, NOTHING, __VA_ARGS__)

/*
 * Where one program can be attached to many functions (bpf/multi.bpf.h):
 * PROGRAM(name, at return, roles it serves, loses).
 */
#define FT_ROLE_BIT(role) (1U << FT_ROLE_##role)
#define FT_PROGRAMS_MULTI(PROGRAM)						\
	PROGRAM(multi_return_call, true, FT_ROLE_BIT(CALL), READING)		\
	PROGRAM(multi_return_look, true,					\
		FT_ROLE_BIT(LOOK) | FT_ROLE_BIT(UNMAP), READING)		\
	PROGRAM(multi_return_map, true,						\
		FT_ROLE_BIT(MAP) | FT_ROLE_BIT(MAP_NEW), LIFETIME)		\
	PROGRAM(multi_return_folio, true,					\
		FT_ROLE_BIT(FOUND) | FT_ROLE_BIT(ALLOC), READING)		\
	PROGRAM(multi_return_lifetime, true,					\
		FT_ROLE_BIT(BIRTH) | FT_ROLE_BIT(SPLIT), LIFETIME)		\
	PROGRAM(multi_return_lifetime_fallback, true,				\
		FT_ROLE_BIT(BIRTH) | FT_ROLE_BIT(SPLIT), NOTHING)		\
	PROGRAM(multi_enter_call, false, FT_ROLE_BIT(CALL), READING)		\
	PROGRAM(multi_enter_look, false,					\
		FT_ROLE_BIT(LOOK) | FT_ROLE_BIT(UNMAP), READING)		\
	PROGRAM(multi_enter_map, false,						\
		FT_ROLE_BIT(MAP) | FT_ROLE_BIT(MAP_NEW) | FT_ROLE_BIT(SPLIT), LIFETIME) \
	PROGRAM(multi_enter_lifetime, false,					\
		FT_ROLE_BIT(BIRTH) | FT_ROLE_BIT(DEATH), LIFETIME)		\
	PROGRAM(multi_enter_lifetime_fallback, false,				\
		FT_ROLE_BIT(BIRTH) | FT_ROLE_BIT(DEATH), NOTHING)

/*
 * Programs of the whole session: PROGRAM(name, when, loses), with FT_WHEN_*. Those that user
 * space runs itself (bpf/quiesce.bpf.h) cannot be skipped and are not listed.
 *
 * The fallback of on_mm_page_free needs no sign that the first program was skipped: it finds the
 * folio still tracked then, and only then. If both are skipped the folio's own record shows it.
 * Likewise that of on_exit_thread, on_sched_process_free; if both are skipped the process counts
 * as one that still runs.
 * A page whose allocation on_mm_page_alloc misses is adopted if it is mapped.
 */
#define FT_PROGRAMS_SESSION(PROGRAM)						\
	PROGRAM(on_mm_page_free, ALWAYS, NOTHING)				\
	PROGRAM(on_fallback_mm_page_free, ALWAYS, NOTHING)			\
	PROGRAM(on_mm_page_alloc, ALWAYS, NOTHING)				\
	PROGRAM(on_module_load, INLINE, READING)				\
	PROGRAM(on_task_newtask, ALWAYS, READING)				\
	PROGRAM(on_sched_process_exec, ALWAYS, READING)				\
	PROGRAM(on_exit_thread, ALWAYS, NOTHING)				\
	PROGRAM(on_sched_process_free, ALWAYS, READING)				\
	PROGRAM(on_sys_enter, EXACT, READING)					\
	PROGRAM(on_sys_exit, EXACT, READING)					\
	PROGRAM(on_page_fault_user, EXACT, READING)				\
	PROGRAM(on_site, PROBES, READING) /* the probes count its misses */
/* clang-format on */

enum ft_when {
	FT_WHEN_ALWAYS = 1,
	FT_WHEN_INLINE = 2, /* with the inline source */
	FT_WHEN_EXACT = 3,  /* with an exact source; less is known without it, nothing wrong */
	FT_WHEN_PROBES = 4, /* with the inline source, attached to each event of its probes */
};

#endif /* FT_PROGRAMS_H */
