// SPDX-License-Identifier: GPL-2.0
/*
 * zapmig [SOCKET]: brings a THP back from test_hmm's device, while a second thread zaps it once
 * /proc/self/pagemap shows the entry of the migration in its place.
 *
 * zapmig --hold SOCKET: keeps the device of the other open.  Closing it makes the kernel move
 * what is left there, which a broken count can keep from ending.
 *
 * The last line is `zapped=Z anon_huge_kib=K'.  Zapped is 1 if the entry of the migration was
 * there.  AnonHugePages is as before (0) if each mapping was removed once.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "dmirror.h"
#include "meminfo.h"
#include "pagemap.h"

/* The kind of a swap entry, of which a migration's is one and a device page's is another */
#define SWAP_TYPE 31

/* So that the kernel's counts of these stay above 0 */
#define OTHER_THPS 4

struct zapper {
	char *thp;
	pthread_t thread;
	atomic_bool ready;   /* knows the device's entry */
	atomic_bool go;	     /* the entry is the device's */
	atomic_bool is_back; /* too late */
	bool zapped;
};

static uint64_t entry_of(const char *at)
{
	uint64_t entry;

	pagemap__read(at, &entry, 1);
	return entry;
}

static void *zapper__run(void *arg)
{
	struct zapper *zapper = arg;
	uint64_t device = entry_of(zapper->thp), now;

	CHECK(device & PAGEMAP_SWAP);
	atomic_store(&zapper->ready, true);
	do {
		now = entry_of(zapper->thp);
		if (!(now & PAGEMAP_SWAP) || atomic_load(&zapper->is_back))
			return NULL;
	} while (!((now ^ device) & SWAP_TYPE));
	TRY(madvise(zapper->thp, THP, MADV_DONTNEED));
	zapper->zapped = true;
	return NULL;
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	CHECK(strlen(path) < sizeof(to.sun_path));
	strcpy(to.sun_path, path);
	return to;
}

/* What is on its way in a socket is open.  Never returns. */
static int hold(const char *path)
{
	struct sockaddr_un own = address(path);
	int receiver = TRY(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	unlink(path);
	TRY(bind(receiver, (struct sockaddr *)&own, sizeof(own)));
	for (;;)
		pause();
}

static void give(int device, const char *path)
{
	struct sockaddr_un to = address(path);
	int sender = TRY(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		},
	};
	struct iovec byte = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
	struct msghdr message = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &device, sizeof(device));
	TRY(sendmsg(sender, &message, 0));
	close(sender);
}

static bool migrate_back_zapped(int device, char *thp, char *copy)
{
	struct zapper zapper = { .thp = thp };

	errno = pthread_create(&zapper.thread, NULL, zapper__run, &zapper);
	if (errno)
		DIE("pthread_create");
	while (!atomic_load(&zapper.ready))
		;
	dmirror__migrate(device, DMIRROR_MIGRATE_TO_SYS, thp, copy);
	atomic_store(&zapper.is_back, true);
	errno = pthread_join(zapper.thread, NULL);
	if (errno)
		DIE("pthread_join");
	return zapper.zapped;
}

int main(int argc, char **argv)
{
	char *others[OTHER_THPS], *copy = memory__map_small(THP), *thp = memory__map_thp();
	bool zapped;
	long before;
	int device;

	if (argc == 3 && !strcmp(argv[1], "--hold"))
		return hold(argv[2]);
	if (argc > 2)
		USAGE("zapmig [SOCKET] | zapmig --hold SOCKET");
	device = dmirror__open();
	if (argc == 2)
		give(device, argv[1]);
	for (int i = 0; i < OTHER_THPS; i++) {
		others[i] = memory__map_thp();
		others[i][0] = 1;
	}
	pattern__fill(copy, THP, 1);
	meminfo__quiesce();
	before = meminfo__read("AnonHugePages");

	pattern__fill(thp, THP, 0);
	CHECK(dmirror__migrate(device, DMIRROR_MIGRATE_TO_DEV, thp, copy) == THP / PAGE);
	CHECK(pattern__holds(copy, THP, 0));
	zapped = migrate_back_zapped(device, thp, copy);
	TRY(munmap(thp, THP));
	meminfo__quiesce();
	printf("zapped=%d anon_huge_kib=%+ld\n", zapped, meminfo__read("AnonHugePages") - before);
	return EXIT_SUCCESS;
}
