# SPDX-License-Identifier: GPL-2.0
# folio-trace. `make help` lists the targets.

CC      ?= gcc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(shell command -v bpftool) /usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
VERSION := $(shell cat VERSION)

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

ifeq ($(origin CC),default)
CC := gcc
endif

# The static binary and the sanitised tests have objects of their own.
OUT := $(BUILD)
ifeq ($(STATIC),1)
OUT := $(BUILD)/static
LDFLAGS += -static -Wl,--wrap=dlopen
PKG_STATIC := --static
STATIC_CFLAGS := -DFT_STATIC
endif
ifneq ($(SANITIZE),)
OUT := $(BUILD)/sanitize
SANFLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

CFLAGS ?= -O2 -g
FT_CFLAGS := -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 \
	-fstack-protector-strong -DFT_VERSION='"$(VERSION)"' -DFT_DATA='"$(PREFIX)/share/folio-trace"' -Iinclude -Isrc -I$(BUILD)/bpf
ifneq ($(SANITIZE),)
FT_CFLAGS := $(filter-out -D_FORTIFY_SOURCE=2,$(FT_CFLAGS))
endif
ALL_CFLAGS = $(FT_CFLAGS) $(STATIC_CFLAGS) $(CFLAGS) $(SANFLAGS)

BPF_LIBS  := $(shell $(PKG_CONFIG) --libs $(PKG_STATIC) libbpf 2>/dev/null || echo -lbpf)
CORE_LIBS := $(shell $(PKG_CONFIG) --libs $(PKG_STATIC) jansson zlib 2>/dev/null || echo -ljansson -lz) -lm
DW_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKG_STATIC) libdw 2>/dev/null || echo -ldw) -lelf
ALL_LIBS  := $(BPF_LIBS) $(DW_LIBS) $(CORE_LIBS) -lpthread

core_src    := $(wildcard src/core/*.c src/core/*/*.c)
finder_src  := $(wildcard src/sitefinder/*.c)
expect_src  := $(wildcard src/expect/*.c)
render_src  := $(wildcard src/render/*.c src/render/*/*.c)
schema_src  := $(BUILD)/schemas.c
cli_src     := $(wildcard src/cli/*.c) $(wildcard src/main.c)
capture_src := $(wildcard src/capture/*/*.c)
obj = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
core_obj    := $(call obj,$(core_src) $(finder_src))
render_obj  := $(call obj,$(expect_src) $(render_src))
debug_src   := $(wildcard src/debuginfo/*.c)
tool_obj    := $(call obj,$(cli_src) $(capture_src) $(debug_src)) $(OUT)/obj/schemas.o $(render_obj)

test_src    := $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c)
test_help   := $(call obj,$(wildcard tests/unit/support/*.c))
test_bin    := $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(test_src))
work_bin    := $(patsubst tests/workloads/%.c,$(BUILD)/workloads/%,$(wildcard tests/workloads/*.c))

.PHONY: all static test test-long trials unit check install clean help workloads bpf core recall bench
.DELETE_ON_ERROR:
.SECONDARY:

all: $(OUT)/folio-trace

help:
	@echo 'make              build/folio-trace and the core library build/libfolio-core.a'
	@echo 'make STATIC=1     build/static/folio-trace, for an empty initramfs'
	@echo 'make test         unit tests and golden captures, under ASan and UBSan'
	@echo 'make test-long    tests and tools/demo.sh in a fresh root of each Debian release: needs root;'
	@echo '                  tests/vm/{zoo,honest,search,limits,lanes,why,gate}.sh whole'
	@echo 'make trials       faults of a module, beside the names that are given to them, on three kernels: hours;'
	@echo '                  TRIALS= a boot, BOOTS=, SEED='
	@echo 'make workloads    the test programs that run in a guest, static'
	@echo 'make recall       what the site finder finds, judged by DWARF: downloads 950 MB once'
	@echo 'make bench        speed, memory and size of the analysis, beside trace-cmd and perf; of export'
	@echo 'make check        the quick checks: format, layering, shell'
	@echo 'make install      program, man pages, completion, schemas into $$(DESTDIR)$$(PREFIX)'
	@echo 'make clean        remove build/'
	@echo 'CC=clang, CLANG=, BPFTOOL=, V=1 (show commands), BUILD=dir'
	@echo 'tools/test.sh     everything, with the virtual machines'

static:
	$(Q)$(MAKE) STATIC=1

core: $(OUT)/libfolio-core.a

# asm/types.h is not in the include path of the target bpf: Debian keeps it in a directory of the
# architecture. $(CLANG) says where, as not every compiler knows -print-multiarch.
asm_include = $(patsubst %/asm/types.h,-idirafter %,$(filter %/asm/types.h,\
	$(shell $(CLANG) -M -include asm/types.h -xc /dev/null 2>/dev/null)))

# BPF: no vmlinux.h, so that no BTF of the build machine is needed.
BPF_CFLAGS = -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror \
	-Wno-unused-parameter -Iinclude $(asm_include)

skeletons := $(BUILD)/bpf/folio_trace.skel.h $(BUILD)/bpf/files.skel.h
bpf: $(skeletons)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h) $(addprefix include/,wire.h hooks.h programs.h ctl.h site.h files.h) Makefile
	$(say) CLANG $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@.tmp
	$(Q)$(BPFTOOL) gen object $@ $@.tmp && rm -f $@.tmp

$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@.tmp && mv $@.tmp $@

$(OUT)/obj/%.o: %.c Makefile VERSION
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(call obj,$(capture_src) $(wildcard src/cli/*.c)): | $(skeletons)

# The schemas, as words of the program.
schemas     := document:folio-trace expect:folio-trace-expect why:folio-trace-why \
	diff:folio-trace-diff doctor:folio-trace-doctor
$(schema_src): $(wildcard include/*.schema.json) Makefile
	$(say) SCHEMAS $@
	$(Q)mkdir -p $(@D)
	$(Q)for s in $(schemas); do \
		printf 'extern const char ft_schema_%s[];\nconst char ft_schema_%s[] =\n' $${s%%:*} $${s%%:*}; \
		sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' include/$${s#*:}.schema.json; \
		echo ';'; \
	done >$@.tmp && mv $@.tmp $@

$(OUT)/obj/schemas.o: $(schema_src)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(OUT)/libfolio-core.a: $(core_obj)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# search_tree.o is for what the libraries lack.
search_tree := $(call obj,src/debuginfo/search_tree.c)
$(OUT)/folio-trace: $(tool_obj) $(OUT)/libfolio-core.a
	$(say) LD $@
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(filter-out $(search_tree),$^) $(ALL_LIBS) $(search_tree)

# What of capture asks nobody.
pure_obj := $(call obj,$(addprefix src/capture/,run/entries.c run/readings.c))

$(OUT)/tests/%: $(OUT)/obj/tests/unit/%.o $(test_help) $(render_obj) $(pure_obj) $(OUT)/libfolio-core.a
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SANFLAGS) -o $@ $^ -lcmocka $(CORE_LIBS)

$(call obj,$(wildcard tests/*/*.c tests/unit/*/*.c tests/unit/*/*/*.c)): FT_CFLAGS += -Itests/unit

unit: $(test_bin)

test:
	$(Q)$(MAKE) SANITIZE=address,undefined unit
	$(Q)tools/unit.sh $(BUILD)/sanitize/tests

test-long:
	$(Q)FOLIO_TRACE_LONG=1 tests/fresh.sh
	$(Q)FOLIO_TRACE_LONG=1 tests/fresh.sh --demo
	$(Q)set -e; for t in zoo honest search limits lanes why gate; do FOLIO_TRACE_LONG=1 tests/vm/$$t.sh; done

trials:
	$(Q)FOLIO_TRACE_LONG=1 tests/vm/trials.sh

$(BUILD)/workloads/%: tests/workloads/%.c $(wildcard tests/workloads/*.h) Makefile
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -I$(BUILD)/bpf,$(FT_CFLAGS)) $(CFLAGS) -static -o $@ $< -lpthread

$(BUILD)/workloads/zoo $(BUILD)/workloads/trials: tests/modules/folio_zoo/abi.h

workloads: $(work_bin)

$(OUT)/recall: $(wildcard tests/recall/*.[ch]) $(OUT)/libfolio-core.a Makefile
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.a,$^) -ldw -lelf

$(OUT)/measure: $(call obj,$(addprefix tests/,attribution/measure.c attribution/trial.c unit/support/training_set.c \
		unit/support/lifetimes.c) $(expect_src)) $(OUT)/libfolio-core.a
	$(say) LD $@
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(OUT)/extract: $(call obj,tests/attribution/extract.c) $(OUT)/libfolio-core.a
	$(say) LD $@
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(OUT)/pairs: $(call obj,tests/attribution/pairs.c $(expect_src)) $(OUT)/libfolio-core.a
	$(say) LD $@
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(OUT)/generate: $(call obj,tests/bench/generate.c src/capture/record/writer.c src/capture/kernel/util.c) $(OUT)/libfolio-core.a
	$(say) LD $@
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

bench: $(OUT)/folio-trace $(OUT)/generate
	$(Q)tests/bench/analysis.sh && tests/bench/export.sh

recall:
	$(Q)tools/recall.sh

check:
	$(Q)tools/check.sh

share := $(DESTDIR)$(PREFIX)/share
install: $(OUT)/folio-trace
	$(say) INSTALL $(DESTDIR)$(PREFIX)
	$(Q)install -D -m 0755 $(OUT)/folio-trace $(DESTDIR)$(PREFIX)/bin/folio-trace
	$(Q)install -D -m 0644 -t $(share)/man/man5 tools/man/*.5
	$(Q)install -D -m 0644 -t $(share)/man/man1 tools/man/*.1
	$(Q)sed -i 's|/usr/local/share|$(PREFIX)/share|' $(share)/man/man1/folio-trace.1 \
		$(share)/man/man5/folio-trace-expect.5
	$(Q)install -D -m 0644 -t $(share)/folio-trace include/*.schema.json tools/fleet.sql
	$(Q)install -D -m 0644 -t $(share)/folio-trace/pairs tools/pairs/*.json
	$(Q)install -D -m 0644 tools/completion/folio-trace.bash \
		$(share)/bash-completion/completions/folio-trace
	$(Q)install -D -m 0644 -t $(share)/zsh/site-functions tools/completion/_folio-trace

clean:
	rm -rf $(BUILD)

-include $(patsubst %.o,%.d,$(tool_obj) $(core_obj) $(test_help) $(call obj,$(test_src) tests/bench/generate.c \
	$(wildcard tests/attribution/*.c)))
