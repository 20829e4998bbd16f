// SPDX-License-Identifier: GPL-2.0
/*
 * All BPF programs, one object. Each header below is one kernel subsystem or
 * one job; a program filters, fills and submits, and decides nothing.
 */
#include "kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "page.h"
#include "emit.h"
#include "track.h"
#include "lifetime.bpf.h"
#include "boundary.bpf.h"
#include "multi.bpf.h"
#include "finalize.bpf.h"
#include "quiesce.bpf.h"
#include "inline.bpf.h"
#include "page_ref.bpf.h"

char LICENSE[] SEC("license") = "GPL";
