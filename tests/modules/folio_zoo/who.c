// SPDX-License-Identifier: GPL-2.0
/* Who does it: the caller, a workqueue's worker, a thread of the kernel, a timer. */
#include "zoo.h"

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static struct workqueue_struct *queue;
static struct kthread_worker *thread;

struct job {
	int (*work)(void *arg);
	void *arg;
	int result;
	struct completion done;
	struct work_struct by_worker;
	struct kthread_work by_thread;
	struct timer_list by_timer;
};

static void finish(struct job *job)
{
	job->result = job->work(job->arg);
	complete(&job->done);
}

static void worker_does(struct work_struct *work)
{
	finish(container_of(work, struct job, by_worker));
}

static void thread_does(struct kthread_work *work)
{
	finish(container_of(work, struct job, by_thread));
}

static void timer_does(struct timer_list *timer)
{
	finish(container_of(timer, struct job, by_timer));
}

/* One at a time: trials come from several tasks at once. */
static struct job job;
static DEFINE_MUTEX(job_lock);

int zoo_do_by(u32 who, int (*work)(void *arg), void *arg)
{
	int result;

	if (who == ZOO_CALLER)
		return work(arg);
	mutex_lock(&job_lock);
	job.work = work;
	job.arg = arg;
	reinit_completion(&job.done);
	if (who == ZOO_WORKER)
		queue_work(queue, &job.by_worker);
	else if (who == ZOO_KTHREAD)
		kthread_queue_work(thread, &job.by_thread);
	else
		mod_timer(&job.by_timer, jiffies + 1);
	wait_for_completion(&job.done);
	result = job.result;
	mutex_unlock(&job_lock);
	return result;
}

struct get_job {
	zoo_get_t get;
	struct mm_struct *mm;
	unsigned long at;
	unsigned int n;
	struct page **pages;
};

static int do_get(void *arg)
{
	struct get_job *get = arg;
	bool borrow = current->mm != get->mm;
	int got;

	if (borrow)
		kthread_use_mm(get->mm);
	got = get->get(get->at, get->n, get->pages);
	if (borrow)
		kthread_unuse_mm(get->mm);
	return got;
}

int zoo_get_by(u32 who, zoo_get_t get, unsigned long at, unsigned int n, struct page **pages)
{
	struct get_job arg = { get, current->mm, at, n, pages };

	/* Getting a page of a process may sleep. */
	return who == ZOO_TIMER ? -EINVAL : zoo_do_by(who, do_get, &arg);
}

struct put_job {
	zoo_put_t put;
	struct page **pages;
	unsigned int n;
};

static int do_put(void *arg)
{
	struct put_job *put = arg;

	put->put(put->pages, put->n);
	return 0;
}

void zoo_put_by(u32 who, zoo_put_t put, struct page **pages, unsigned int n)
{
	struct put_job arg = { put, pages, n };

	zoo_do_by(who, do_put, &arg);
}

int zoo_who_init(void)
{
	queue = alloc_workqueue("folio_zoo", WQ_UNBOUND, 0);
	if (!queue)
		return -ENOMEM;
	thread = kthread_create_worker(0, "folio_zoo");
	if (IS_ERR(thread)) {
		destroy_workqueue(queue);
		return PTR_ERR(thread);
	}
	/* From 6.14 on it does not run by itself. */
	wake_up_process(thread->task);
	init_completion(&job.done);
	INIT_WORK(&job.by_worker, worker_does);
	kthread_init_work(&job.by_thread, thread_does);
	timer_setup(&job.by_timer, timer_does, 0);
	return 0;
}

void zoo_who_exit(void)
{
	timer_delete_sync(&job.by_timer);
	kthread_destroy_worker(thread);
	destroy_workqueue(queue);
}
