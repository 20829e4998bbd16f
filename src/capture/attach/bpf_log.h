/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What libbpf complains of: of all its lines the one that says most, which names a
 * program. What follows it is the verifier's log and what comes of it.
 * FOLIO_TRACE_DEBUG=1 shows all, for who ports this.
 */
#ifndef FT_CAPTURE_ATTACH_BPF_LOG_H
#define FT_CAPTURE_ATTACH_BPF_LOG_H

/* From now on; libbpf has one print callback for the process. */
void bpf_log__start(void);
void bpf_log__clear(void);
/* "" if there was none. */
const char *bpf_log__text(void);
/* The program it is about, until the next call; "" if it is about none. */
const char *bpf_log__program(void);

#endif /* FT_CAPTURE_ATTACH_BPF_LOG_H */
