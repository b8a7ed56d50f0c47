# caochu: one Makefile. `make help` lists the targets.
# SPDX-License-Identifier: MIT
VERSION := 0.1.0
MODE    ?= release
PREFIX  ?= /usr/local
DESTDIR ?=
V       ?= 0

CC        ?= gcc
AR        ?= ar
PKGS      := gdal proj cminpack yaml-0.1 json-c libxxhash libzstd libdeflate
PKG       ?= pkg-config
# A build of one compiler never mixes with another's objects.
BUILD     := build/$(MODE)$(if $(filter-out gcc cc,$(notdir $(CC))),-$(notdir $(CC)))

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) '$(2)';)

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wvla -Wcast-qual -Wdouble-promotion -Wformat=2 -Wundef -Werror
# NaN is no data, so never -ffast-math; without contraction every compiler gives the same bits.
NUM  := -ffp-contract=off -fno-math-errno -fno-trapping-math
# Paths are bounded by CAO_PATH_MAX on purpose; gcc alone would have each bound proved to it.
WARN += $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
OPT_release  := -O3 -g -DNDEBUG
OPT_debug    := -O1 -g
OPT_asan     := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_tsan     := -O1 -g -fsanitize=thread
OPT_fuzz     := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
OPT_coverage := -O0 -g --coverage
OPT := $(OPT_$(MODE))
$(if $(OPT),,$(error MODE=$(MODE) is not one of release debug asan tsan fuzz coverage))

INCLUDES := $(patsubst -I%,-isystem %,$(shell $(PKG) --cflags-only-I $(PKGS)))
CPPFLAGS += -Iinclude -Isrc -D_XOPEN_SOURCE=700 -D_LARGEFILE64_SOURCE $(INCLUDES)
CFLAGS   += -std=c17 $(OPT) $(NUM) $(WARN)
LDLIBS   += $(shell $(PKG) --libs $(PKGS)) -lm
LDFLAGS  += $(filter -fsanitize=% --coverage,$(OPT))

SRCS  := $(sort $(wildcard src/*/*.c))
OBJS  := $(SRCS:src/%.c=$(BUILD)/%.o)
LIB_OBJS := $(filter-out $(BUILD)/cli/%,$(OBJS))
CLI_OBJS := $(filter $(BUILD)/cli/%,$(OBJS))
LIB   := $(BUILD)/libcaochu.a
BIN   := $(BUILD)/caochu
TEST_SRCS := $(sort $(filter tests/$(ONLY)%,$(wildcard tests/*/test_*.c)))
TESTS := $(TEST_SRCS:tests/%.c=$(BUILD)/tests/%)
HELPERS := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/support/*.c))
WORLD := $(BUILD)/make-world
WORLD_OBJS := $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(wildcard tests/world/*.c))
BENCH := $(BUILD)/bench-indices $(BUILD)/bench-kernels $(BUILD)/bench-reducers $(BUILD)/bench-floor
TOOLS := $(WORLD)
HEADERS := $(wildcard include/caochu/*.h)

.DEFAULT_GOAL := all
.PHONY: all lib build-tests check asan tsan kill same fault fuzz bench lint layers format format-check install uninstall clean help demo

all: $(BIN) ## build the program and the library (default)
lib: $(LIB) ## build the library only

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(OMP_$(notdir $*)) -MMD -MP -c -o $@ $<

OMP_sched := -fopenmp

$(BUILD)/cli/%.o $(BUILD)/run/provenance.o: CPPFLAGS += -DCAO_VERSION='"$(VERSION)"'

$(LIB): $(LIB_OBJS)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(BIN): $(CLI_OBJS) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -fopenmp -o $@ $(CLI_OBJS) $(LIB) $(LDLIBS)

$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -UNDEBUG -MMD -MP -c -o $@ $<

$(TESTS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(HELPERS) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -fopenmp -o $@ $< $(HELPERS) $(LIB) $(LDLIBS) -lcmocka

# The program's own calls, and no other library's, go through the test.
WRAPPED := malloc calloc realloc aligned_alloc open fopen read write fsync rename mkdir opendir close \
           VSIFOpenL VSIFReadL VSIFWriteL VSIFCloseL
$(BUILD)/tests/fault/test_fault: LDFLAGS += $(WRAPPED:%=-Wl,--wrap=%)

$(WORLD): $(WORLD_OBJS) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $(WORLD_OBJS) $(LIB) $(LDLIBS)

$(BENCH): $(BUILD)/bench-%: $(BUILD)/tests/bench/bench_%.o $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -fopenmp -o $@ $< $(LIB) $(LDLIBS)

demo: $(BIN) $(WORLD) ## run the main job on a made valley and say where the results are
	$(Q)scripts/demo $(BIN) $(WORLD) build/demo

bench: $(BENCH) $(BIN) $(WORLD) ## ns per pixel of the kernels, and the whole job beside its floor and its peers (SIZE=)
	$(Q)$(BUILD)/bench-indices
	$(Q)$(BUILD)/bench-kernels
	$(Q)$(BUILD)/bench-reducers
	$(Q)scripts/bench $(BIN) $(WORLD) $(BUILD)/bench-floor build/bench $(SIZE)

bench-zonal: $(BIN) ## caochu zonal beside decoding alone, and beside peers (SIZE=10980 is a whole tile)
	$(Q)scripts/bench-zonal $(BIN) build/bench/zonal $(SIZE)

build-tests: $(TESTS) $(BENCH) $(TOOLS) ## build the tests and what measures, run none

check: $(BIN) $(TESTS) $(TOOLS) layers ## build and run all tests (ONLY=science runs one room's)
	$(Q)CAO_BIN=$(BIN) CAO_BUILD=$(BUILD) scripts/run-tests $(TESTS)

kill: $(BIN) $(BUILD)/tests/fault/test_kill $(TOOLS) ## kill 100 runs at random instants and let them go on (KILLS=100)
	$(Q)CAO_KILLS=$(KILLS) CAO_BIN=$(BIN) CAO_BUILD=$(BUILD) $(BUILD)/tests/fault/test_kill
KILLS ?= 100

same: $(BIN) $(WORLD) ## one digest over all outputs: workers, memory, order, interruptions, gcc and clang
	$(Q)$(MAKE) --no-print-directory CC=gcc all && $(MAKE) --no-print-directory CC=clang all
	$(Q)scripts/same $(CURDIR)/$(WORLD) build/same $(CURDIR)/build/$(MODE)/caochu $(CURDIR)/build/$(MODE)-clang/caochu

fault: $(BUILD)/tests/fault/test_fault $(TOOLS) ## fail each allocation, open, read, write ... of a run once
	$(Q)CAO_FAULTS=1 CAO_BUILD=$(BUILD) $(BUILD)/tests/fault/test_fault

# What is found goes into tests/fuzz/corpus, which `make check` replays.
FUZZ_SECONDS ?= 60
$(BUILD)/fuzz: $(BUILD)/tests/fuzz/fuzz_main.o $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -fsanitize=fuzzer -fopenmp -o $@ $< $(LIB) $(LDLIBS)
fuzz: ## feed hostile bytes to every reader of inputs (clang; FUZZ_SECONDS=60 each)
	$(Q)$(MAKE) --no-print-directory MODE=fuzz CC=clang build/fuzz-clang/fuzz
	$(Q)for t in tests/fuzz/corpus/*; do t=$${t##*/}; mkdir -p build/fuzz-clang/new/$$t; echo "fuzz  $$t"; \
	    CAO_FUZZ=$$t build/fuzz-clang/fuzz -close_fd_mask=1 -verbosity=0 -print_final_stats=1 \
	    -timeout=20 -rss_limit_mb=2048 -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz-clang/$$t- \
	    build/fuzz-clang/new/$$t tests/fuzz/corpus/$$t || exit 1; done

asan: ## all tests with AddressSanitizer and UBSan
	$(Q)$(MAKE) --no-print-directory MODE=asan check

# gcc's OpenMP runtime is not instrumented: clang's with its archer tool is silent on clean code.
tsan: ## the threaded tests with ThreadSanitizer (clang)
	$(Q)OMP_TOOL_LIBRARIES=/usr/lib/llvm-14/lib/libarcher.so \
	    TSAN_OPTIONS=ignore_noninstrumented_modules=1 \
	    sh -c 'for room in run zonal; do $(MAKE) --no-print-directory MODE=tsan CC=clang ONLY=$$room/ check || exit 1; done'

layers: ## check that the rooms include only downwards
	$(Q)scripts/check-layers

lint: layers ## static analysis: cppcheck and clang-tidy
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 --suppress=missingIncludeSystem -Iinclude -Isrc src
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $(SRCS) -- -std=c17 $(CPPFLAGS) -DCAO_VERSION='"$(VERSION)"' 2>/dev/null

FORMATTED := $(wildcard src/*/*.[ch] include/caochu/*.h tests/*/*.[ch])
format: ## format the sources
	$(Q)clang-format -i $(FORMATTED)
format-check:
	$(Q)clang-format --dry-run -Werror $(FORMATTED)

install: $(BIN) $(LIB) ## install program, library, headers, profiles, manual and completion
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/lib/pkgconfig' '$(DESTDIR)$(PREFIX)/include/caochu' \
	    '$(DESTDIR)$(PREFIX)/share/caochu/profiles' '$(DESTDIR)$(PREFIX)/share/caochu/calibration' \
	    '$(DESTDIR)$(PREFIX)/share/man/man1' \
	    '$(DESTDIR)$(PREFIX)/share/bash-completion/completions'
	install -m 755 $(BIN) '$(DESTDIR)$(PREFIX)/bin/caochu'
	install -m 644 $(LIB) '$(DESTDIR)$(PREFIX)/lib/libcaochu.a'
	install -m 644 $(HEADERS) '$(DESTDIR)$(PREFIX)/include/caochu/'
	install -m 644 src/profiles/*.yaml '$(DESTDIR)$(PREFIX)/share/caochu/profiles/'
	install -m 644 src/calibration/*.yaml '$(DESTDIR)$(PREFIX)/share/caochu/calibration/'
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@PKGS@|$(PKGS)|' scripts/caochu.pc.in \
	    > '$(DESTDIR)$(PREFIX)/lib/pkgconfig/caochu.pc'
	$(BIN) man > '$(DESTDIR)$(PREFIX)/share/man/man1/caochu.1'
	$(BIN) completion > '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/caochu'

uninstall: ## remove what install put in place
	rm -f '$(DESTDIR)$(PREFIX)/bin/caochu' '$(DESTDIR)$(PREFIX)/lib/libcaochu.a' \
	    '$(DESTDIR)$(PREFIX)/lib/pkgconfig/caochu.pc' '$(DESTDIR)$(PREFIX)/share/man/man1/caochu.1' \
	    '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/caochu'
	rm -rf '$(DESTDIR)$(PREFIX)/include/caochu' '$(DESTDIR)$(PREFIX)/share/caochu'

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "  Variables: MODE=release|debug|asan|tsan|coverage  CC=gcc|clang  PREFIX=$(PREFIX)  DESTDIR=  V=1"

-include $(OBJS:.o=.d) $(TESTS:=.d) $(BUILD)/tests/fuzz/fuzz_main.d
