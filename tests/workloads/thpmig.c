// SPDX-License-Identifier: GPL-2.0
/*
 * thpmig: migrate an anonymous THP to test_hmm's device while the device has
 * small pages only, so that migrate_vma_pages() has to split it on the way.
 *
 *   thpmig plain N      N such migrations
 *   thpmig back N       to the device as a whole, and back with small pages
 *   thpmig race N US…   a second thread zaps the THP, US microseconds after the
 *                       start; the delays take turns; `auto' spreads them over
 *                       the time that a migration takes here
 *
 *   --until-lost M      N at a time, until M folios are lost; skips (4) if they
 *                       are not by --max-tries
 *   --max-tries T       default 20 * N
 *   --one-page          the second thread zaps one 4-KiB page of the THP
 *
 * The last line is `lost=L tries=T'.  A lost folio is 2 MiB that stay on the
 * LRU lists with nothing mapping them.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "dmirror.h"
#include "meminfo.h"
#include "pagemap.h"
#include "workload.h"

enum mode { PLAIN, BACK, RACE };

#define MAX_DELAYS 16

struct options {
	enum mode mode;
	unsigned long tries;
	unsigned long until_lost;
	unsigned long max_tries;
	size_t zap_len;
	unsigned int ndelays;
	long delays_us[MAX_DELAYS];
};

struct zapper {
	char *at;
	size_t len;
	long delay_us;
	pthread_t thread;
	atomic_bool go;
};

struct result {
	bool moved; /* all of the THP went where it should */
	long took_us;
};

static long now_us(void)
{
	struct timespec time;

	TRY(clock_gettime(CLOCK_MONOTONIC, &time));
	return time.tv_sec * 1000000L + time.tv_nsec / 1000;
}

static void *zapper__run(void *arg)
{
	struct zapper *zapper = arg;

	while (!atomic_load(&zapper->go))
		;
	usleep(zapper->delay_us);
	TRY(madvise(zapper->at, zapper->len, MADV_DONTNEED));
	return NULL;
}

static void zapper__start(struct zapper *zapper)
{
	atomic_init(&zapper->go, false);
	errno = pthread_create(&zapper->thread, NULL, zapper__run, zapper);
	if (errno)
		DIE("pthread_create");
}

static struct result device__migrate(int device, unsigned long request, void *thp, void *copy)
{
	struct result result = { .took_us = -now_us() };

	result.moved = dmirror__migrate(device, request, thp, copy) == THP / PAGE;
	result.took_us += now_us();
	return result;
}

static struct result to_device(int device, char *thp, char *copy)
{
	struct result result;

	dmirror__refuse_large(device);
	result = device__migrate(device, DMIRROR_MIGRATE_TO_DEV, thp, copy);
	/* Reading it here would bring it back, page by page. */
	CHECK(pattern__holds(result.moved ? copy : thp, THP, 0));
	return result;
}

static struct result to_device_and_back(int device, char *thp, char *copy)
{
	struct result result;

	result = device__migrate(device, DMIRROR_MIGRATE_TO_DEV, thp, copy);
	CHECK(result.moved);
	dmirror__refuse_large(device);
	result = device__migrate(device, DMIRROR_MIGRATE_TO_SYS, thp, copy);
	/*
	 * A device folio with a reference too many can't be migrated, so reading
	 * it would fault for ever.
	 */
	if (result.moved)
		CHECK(pattern__holds(thp, THP, 0));
	return result;
}

/*
 * Of what was there nothing is left.  A zap that came before migrate_vma_setup()
 * made a hole, and a hole is migrated too: to device pages of zeros.
 */
static bool is_zapped(const struct zapper *zapper, const char *copy)
{
	uint64_t entries[THP / PAGE];

	pagemap__read(zapper->at, entries, zapper->len / PAGE);
	for (size_t i = 0; i < zapper->len / PAGE; i++) {
		if (entries[i] & PAGEMAP_PRESENT)
			return false;
		if (entries[i] & PAGEMAP_SWAP && copy && !memory__is_zero(copy + i * PAGE, PAGE))
			return false;
	}
	return true;
}

static struct result to_device_zapped(int device, char *thp, char *copy, struct zapper *zapper)
{
	struct result result;

	zapper->at = thp;
	zapper__start(zapper);
	dmirror__refuse_large(device);
	atomic_store(&zapper->go, true);
	result = device__migrate(device, DMIRROR_MIGRATE_TO_DEV, thp, copy);
	errno = pthread_join(zapper->thread, NULL);
	if (errno)
		DIE("pthread_join");
	CHECK(is_zapped(zapper, result.moved ? copy : NULL));
	return result;
}

/* One migration, from a fresh THP to nothing mapped. */
static struct result migrate_once(enum mode mode, struct zapper *zapper)
{
	int device = dmirror__open();
	char *copy = memory__map_small(THP);
	char *thp = memory__map_thp();
	struct result result = {};

	pattern__fill(thp, THP, 0);
	switch (mode) {
	case PLAIN:
		result = to_device(device, thp, copy);
		break;
	case BACK:
		result = to_device_and_back(device, thp, copy);
		break;
	case RACE:
		result = to_device_zapped(device, thp, copy, zapper);
		break;
	}
	TRY(munmap(thp, THP));
	TRY(munmap(copy, THP));
	TRY(close(device));
	return result;
}

/* The first migration also sets up the device's memory: time the second. */
static void spread_delays(struct options *options)
{
	long took_us;

	migrate_once(PLAIN, NULL);
	took_us = migrate_once(PLAIN, NULL).took_us;
	options->ndelays = MAX_DELAYS;
	for (int i = 0; i < MAX_DELAYS; i++)
		options->delays_us[i] = took_us * (2 * i + 1) / (2 * MAX_DELAYS);
}

/* Returns how many of the tries moved all of their THP. */
static unsigned long migrate_often(const struct options *options)
{
	unsigned long moved = 0;

	for (unsigned long i = 0; i < options->tries; i++) {
		struct zapper zapper = { .len = options->zap_len };

		if (options->mode == RACE)
			zapper.delay_us = options->delays_us[i % options->ndelays];
		moved += migrate_once(options->mode, &zapper).moved;
	}
	return moved;
}

/* In KiB.  Nobody else's growth shows in it: that is mapped, or shmem. */
static long unmapped_anon(void)
{
	meminfo__quiesce();
	return meminfo__read("Active(anon)") + meminfo__read("Inactive(anon)") -
	       meminfo__read("AnonPages") - meminfo__read("Shmem");
}

/* The nearest whole number of THPs, as others' small pages come and go. */
static long count_thps(long kib)
{
	long thp = THP / KIB;

	return kib <= -thp / 2 ? 0 : (kib + thp / 2) / thp;
}

static int run(const struct options *options)
{
	long unmapped = unmapped_anon();
	long active = meminfo__read("Active(anon)");
	unsigned long lost, tries = 0, moved = 0;

	do {
		moved += migrate_often(options);
		tries += options->tries;
		lost = count_thps(unmapped_anon() - unmapped);
	} while (lost < options->until_lost && tries + options->tries <= options->max_tries);

	printf("moved=%lu active_anon_kib=%+ld\n", moved, meminfo__read("Active(anon)") - active);
	printf("lost=%lu tries=%lu\n", lost, tries);
	return lost < options->until_lost ? EXIT_SKIP : EXIT_SUCCESS;
}

static void usage(void)
{
	USAGE("thpmig plain|back N\n"
	      "thpmig race N auto|US... [--one-page] [--until-lost M [--max-tries T]]");
}

static void parse_flags(int argc, char **argv, struct options *options)
{
	static const struct option flags[] = {
		{ "until-lost", required_argument, NULL, 'u' },
		{ "max-tries", required_argument, NULL, 't' },
		{ "one-page", no_argument, NULL, '1' },
		{},
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		switch (flag) {
		case 'u':
			options->until_lost = argument__number(optarg);
			break;
		case 't':
			options->max_tries = argument__number(optarg);
			break;
		case '1':
			options->zap_len = PAGE;
			break;
		default:
			usage();
		}
	}
}

static void parse_delays(char **delays, int n, struct options *options)
{
	if (n < 1 || n > MAX_DELAYS)
		usage();
	if (n == 1 && !strcmp(delays[0], "auto"))
		return;
	options->ndelays = n;
	for (int i = 0; i < n; i++)
		options->delays_us[i] = argument__number(delays[i]);
}

static struct options parse(int argc, char **argv)
{
	static const char *const modes[] = { "plain", "back", "race" };
	struct options options = { .zap_len = THP };
	int mode = 0;

	parse_flags(argc, argv, &options);
	argv += optind;
	argc -= optind;
	if (argc < 2)
		usage();
	while (strcmp(argv[0], modes[mode]))
		if (++mode == ARRAY_SIZE(modes))
			usage();
	options.mode = mode;
	options.tries = argument__number(argv[1]);
	if (!options.tries)
		usage();
	if (!options.max_tries)
		options.max_tries = 20 * options.tries;
	if (mode == RACE)
		parse_delays(argv + 2, argc - 2, &options);
	else if (argc > 2)
		usage();
	return options;
}

int main(int argc, char **argv)
{
	struct options options = parse(argc, argv);

	if (access(DMIRROR_PRIVATE_DEVICE, F_OK))
		SKIP("no %s: load test_hmm", DMIRROR_PRIVATE_DEVICE);
	if (options.mode == RACE && !options.ndelays)
		spread_delays(&options);
	return run(&options);
}
