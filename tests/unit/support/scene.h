/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One folio, and the tasks that take and put its references: captures of the inline source
 * whose right verdict is known by construction.
 */
#ifndef FT_TEST_SCENE_H
#define FT_TEST_SCENE_H

#include "support/capture_builder.h"
#include "support/verdict_text.h"

enum scene_site {
	AT_GET = 1, /* of no class */
	AT_PUT,
	AT_LOOKUP,
	AT_PIPE,
	AT_ISOLATE,
	AT_BATCH,
	AT_DRAIN,
	AT_GUP,
	AT_UNPIN,
	AT_BIO,
	AT_RING,
	AT_SOCKET,
	AT_COLLECT,
	AT_FAULT,
	AT_MAP,
	AT_UNMAP,
	AT_CACHE,
	AT_RELEASE,
	AT_BIO_END,
	SCENE_SITES,
};

/* Tasks; all but the command's are outside of it. */
enum {
	COMMAND = 100,
	SECOND = 101,
	OUTSIDER = 200,
	OUTSIDER_2 = 201,
	KWORKER = 300,
	KWORKER_2 = 301
};

struct scene {
	struct capture_builder *capture;
	struct fixture folio;
	uint32_t calls;	   /* into the kernel so far */
	unsigned int way;  /* by which functions the next operation is called */
	uint64_t pause_ns; /* before the readings at rest */
	bool forgets;	   /* the run keeps of freed folios only what is a finding */
};

#define PAGE_OF_FILE (FT_PF_MAPPING | FT_PF_UPTODATE | FT_PF_LRU)

void scene__init(struct scene *s, const char *source);
/* The task enters the kernel (once more); all that follows is its. */
void scene__as(struct scene *s, uint32_t pid);
/* An anonymous page, or a huge one, that the command maps once. */
void scene__born(struct scene *s);
void scene__born_huge(struct scene *s);
/* A page of a file, which goes into the page cache. */
void scene__born_cached(struct scene *s);
/* A page of a file that was in the page cache before, and is adopted at a get, which has to
 * follow. */
void scene__adopt(struct scene *s, int site, int refcount, int mapcount);
/* So many references at once; below 0: put. */
void scene__op(struct scene *s, int site, int delta);
void scene__map(struct scene *s);
void scene__unmap(struct scene *s);
/* n pins, each of its own. */
void scene__pin(struct scene *s, int n);
void scene__unpin(struct scene *s, int n);
/* Two readings of how it is now. */
void scene__rest(struct scene *s);
/* The run, which is to be freed; the rest of the scene is. */
struct ft_run *scene__end(struct scene *s);

/* What an end without anything that is left open looks like, and what is open. */
extern const struct ft_search searched_whole, searched_nothing, searched_busy;

struct scene_row {
	const char *what;
	void (*play)(struct scene *s);
	const struct ft_search *search;
	enum ft_verdict verdict;
	struct ft_reason because; /* code and n */
	int lost;		  /* how many are named; -1: not checked */
	enum scene_site site;	  /* of the first of them; 0: not checked */
	enum ft_owner_class class;
	const char *source; /* NULL: inline */
};

/* Words of a row. */
#define WHOLE &searched_whole
#define NOTHING &searched_nothing
#define BUSY &searched_busy
#define OLD NULL
#define RIGHT(verdict_, ...) .verdict = FT_VERDICT_##verdict_, .because = BECAUSE(__VA_ARGS__)
#define FINE RIGHT(BALANCED, FT_REASON_NONE)
#define LEAK(code, ...) RIGHT(LEAK, FT_REASON_##code, __VA_ARGS__)
#define OVERPUT(code, ...) RIGHT(OVERPUT, FT_REASON_##code, __VA_ARGS__)
#define OPEN(code, ...) RIGHT(INCONCLUSIVE, FT_REASON_##code, __VA_ARGS__)
#define NAMED(nr, at, class_) .lost = (nr), .site = AT_##at, .class = FT_OWNER_##class_
#define SOME(nr) .lost = (nr)
#define ANY .lost = -1

/* Plays each, adds the readings at rest, and compares. */
void scene__check(const struct scene_row *rows, size_t nr);

#endif /* FT_TEST_SCENE_H */
