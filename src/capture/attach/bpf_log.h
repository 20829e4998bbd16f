/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The warnings of libbpf: keeps the first one that names a program. Those that follow are the log of
 * the verifier and consequences. FOLIO_TRACE_DEBUG=1 prints all to stderr, for porting.
 */
#ifndef FT_CAPTURE_ATTACH_BPF_LOG_H
#define FT_CAPTURE_ATTACH_BPF_LOG_H

/* Keeps warnings from now on. libbpf has one print callback per process. */
void bpf_log__start(void);
void bpf_log__clear(void);
/* The warning, "" if there was none. */
const char *bpf_log__text(void);
/* The program that it names, valid until the next call; "" if it names none. */
const char *bpf_log__program(void);

#endif /* FT_CAPTURE_ATTACH_BPF_LOG_H */
