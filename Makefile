# gscrape-tui. `make help` lists what can be made.
#
# Objects go to $(B), so that one checkout can hold several builds side by side:
#     make B=build/asan SAN=address,undefined CC=clang

PREFIX     ?= /usr/local
DESTDIR    ?=
B          ?= build
CC         ?= cc
OPT        ?= -O2 -g
SAN        ?=
WERROR     ?=
V          ?=
PKG_CONFIG ?= pkg-config
PROTOC_C   ?= protoc-c
# Chart.js is Debian's, unless told.
CHARTJS    ?= /usr/share/javascript/chart.js/chart.min.js

VERSION := 1.0.0

# Names of files are words to make.
ifneq ($(words $(B)),1)
$(error B=$(B): the folder of a build is one name without blanks)
endif

# Libraries by their names in pkg-config; contrib/dependencies has them, and the packages that have them. Of those that may
# be there: libdeflate inflates two to three times faster than zlib; libyaml reads a
# kubeconfig; c-ares asks for names with many addresses.
LIBS_PC := $(shell awk '$$1 == "build" && $$2 == "lib" { print $$3 }' contrib/dependencies)
MAYBE   := $(foreach l,$(shell awk '$$1 == "build" && $$2 == "maybe" { print $$3 }' contrib/dependencies),$(shell $(PKG_CONFIG) --exists $(l) 2>/dev/null && echo $(l)))
FOUND   := $(shell $(PKG_CONFIG) --exists $(LIBS_PC) 2>/dev/null && echo yes)
# Is all here? Else contrib/install-deps looks closer, and says what is not, before anything is made.
READY   := $(and $(FOUND),$(wildcard $(CHARTJS)),$(shell command -v $(PROTOC_C) >/dev/null && command -v gzip >/dev/null && echo yes))
# Where one has no .pc file of its own, its name is a guess that the linker checks.
LIB_CFLAGS := $(foreach l,$(if $(FOUND),,$(LIBS_PC)),$(shell $(PKG_CONFIG) --cflags $(l) 2>/dev/null)) \
              $(if $(FOUND),$(shell $(PKG_CONFIG) --cflags $(LIBS_PC) $(MAYBE)))
LIB_LIBS   := $(foreach l,$(if $(FOUND),,$(LIBS_PC)),$(shell $(PKG_CONFIG) --libs $(l) 2>/dev/null || echo -l$(subst zlib,z,$(l:lib%=%)))) \
              $(if $(FOUND),$(shell $(PKG_CONFIG) --libs $(LIBS_PC) $(MAYBE)),$(patsubst lib%,-l%,$(MAYBE:yaml-0.1=libyaml)))

# What a fault in the program cannot do when it is built like this; a sanitizer has its own ways.
HARDEN    ?= $(if $(SAN),,-DGS_CONFINE -fstack-protector-strong -fstack-clash-protection -fPIE $(if $(filter-out -O0,$(filter -O%,$(OPT))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
HARDEN_LD ?= $(if $(SAN),,-pie -Wl,-z,relro,-z,now)

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(WERROR),-Werror)
CPPFLAGS += -Iinclude -Isrc -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DGS_VERSION='"$(VERSION)"' $(if $(filter libdeflate,$(MAYBE)),-DHAVE_LIBDEFLATE) $(if $(filter yaml-0.1,$(MAYBE)),-DHAVE_YAML) $(if $(filter libcares,$(MAYBE)),-DHAVE_CARES) $(LIB_CFLAGS)
CFLAGS   := -std=c11 $(OPT) $(WARN) $(HARDEN) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined) $(CFLAGS)
LDFLAGS  += $(if $(SAN),-fsanitize=$(SAN)) $(HARDEN_LD) -pthread
LDLIBS   += $(LIB_LIBS) -lm

# One line for each file that is made, or with V=1 the whole command.
Q   := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-5s %s\n' $(1) $(2))
DEPS_ENV  = CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' PROTOC_C='$(PROTOC_C)' CHARTJS='$(CHARTJS)'
# What a compiler or linker says of a full disk, in a sentence.
NO_ROOM   = { for d in "$(B)" "$${TMPDIR:-/tmp}"; do [ "$$(df -Pk "$$d" 2>/dev/null | awk 'NR == 2 { print $$4 }')" -gt 2048 ] || \
            echo "The disk that holds $$d is full. Make room (200 MB), or build elsewhere: make B=DIR, TMPDIR=DIR." >&2; done; exit 1; }
# As many jobs as there are cores, unless make was told a number.
ALL_CORES = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

SRC   := $(wildcard src/*/*.c src/*/*/*.c)
# What protoc-c makes of the messages in src/export.
PROTO := $(patsubst %.proto,$(B)/%.pb-c,$(wildcard src/export/*.proto))
LIBO  := $(patsubst %.c,$(B)/%.o,$(SRC)) $(PROTO:%=%.o)
LIB   := $(B)/libgscrape.a
PROG  := $(B)/gscrape-tui

UNIT  := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
SIM   := $(patsubst %.c,$(B)/%.o,$(wildcard tests/leaks/sim/*.c))
FUZZ  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
# Each of them without libFuzzer, for any compiler.
MUTATED := $(patsubst tests/fuzz/%.c,$(B)/mutated/%,$(wildcard tests/fuzz/fuzz_*.c))

.DELETE_ON_ERROR:
.PHONY: all help deps demo check test test-unit torture coverage fresh pictures doc deb tarball bench bench-leaks fuzz fuzz-all tools install uninstall clean
.PRECIOUS: $(B)/%.o

# ./gscrape-tui is what was built in build; what is built elsewhere stays there.
all: $(if $(filter build,$(B)),gscrape-tui,$(PROG))

help:
	@echo 'make              build ./gscrape-tui'
	@echo 'make demo         install what is missing, build, record and browse real dumps'
	@echo 'make check        install what is missing, build, run all tests'
	@echo 'make test         build and run the tests that what is here allows; some of'
	@echo '                  them: TESTS="t_store test_dump"; make test-unit: unit tests'
	@echo 'make torture      what takes long: kills, full disks, a soak, a fleet, a year'
	@echo '                  (SHARE=10: a tenth, by SEED; FRESH=yes: make fresh, too)'
	@echo 'make coverage     which lines the tests run, by room'
	@echo 'make fresh        demo and check on new minimal systems: Debian 12 and 13,'
	@echo '                  Ubuntu 24.04 (as root; NAMES=... for some of them)'
	@echo 'make bench        measure, as ratios against other work on the same machine'
	@echo 'make bench-leaks  hits and false alarms on services that are recorded first'
	@echo '                  (or DIR=...); MODULES=1: on real modules, which Go fetches'
	@echo 'make fuzz         fuzz each parser for a bounded time (FUZZ_SECONDS=30)'
	@echo 'make doc          the manuals as HTML; make pictures: the pictures in README'
	@echo 'make deb          a Debian package, in build/deb'
	@echo 'make tarball      a static program, in build (ARCH=aarch64)'
	@echo 'make install      to $$DESTDIR$$PREFIX; make uninstall removes it again'
	@echo 'make clean'
	@echo 'V=1 shows whole commands; B=DIR builds there, DIR/gscrape-tui; CC, CFLAGS,'
	@echo 'PKG_CONFIG, SAN=address,undefined, CHARTJS=FILE as usual'

gscrape-tui: $(PROG) FORCE
	@ln -sf $(PROG) $@

$(PROG): $(B)/src/main.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) || $(NO_ROOM)

$(LIB): $(LIBO)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^ || $(NO_ROOM)

# The flags are part of what an object depends on: a change of compiler or flags rebuilds.
FLAGS := $(CC) $(CPPFLAGS) $(CFLAGS)
$(B)/flags: FORCE
	@$(if $(READY),$(if $(filter cc,$(CC)),,$(CC) --version >/dev/null 2>&1 || { echo 'CC=$(CC) cannot be run: leave CC out for cc.' >&2; exit 1; }),$(DEPS_ENV) sh contrib/install-deps --list build)
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS))' > $@
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $< || $(NO_ROOM)

# Called only where the processor says that it has it.
$(B)/src/base/hash_wide.o: CFLAGS += $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),-mavx2)

$(B)/%.pb-c.c $(B)/%.pb-c.h: %.proto | $(B)/flags
	@mkdir -p $(@D)
	$(call say,PROTO,$<)
	$(Q)$(PROTOC_C) --c_out=$(@D) -I$(<D) $<

$(PROTO:%=%.o): %.o: %.c %.h $(B)/flags
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -w -c -o $@ $<

EXPORT := $(patsubst %.c,$(B)/%.o,$(wildcard src/export/*.c))
$(EXPORT): CPPFLAGS += -I$(B)/src/export
$(EXPORT): | $(PROTO:%=%.h)

# The page of --serve, compressed and built in.
PAGE    := $(patsubst src/serve/page/%,$(B)/page/%.gz,$(wildcard src/serve/page/*)) $(B)/page/chart.js.gz

$(B)/page/%.gz: src/serve/page/% | $(B)/flags
	@mkdir -p $(@D)
	$(call say,GZIP,$<)
	$(Q)gzip -9nc $< > $@

# A browser needs neither comments nor indentation: a tenth of the bytes.
$(B)/page/%.js.gz: src/serve/page/%.js | $(B)/flags
	@mkdir -p $(@D)
	$(call say,GZIP,$<)
	$(Q)sed -e '2,$${/^	*\/\//d;}' -e 's/^	*//' -e 's,\([;{}(\,]\) // .*$$,\1,' $< | gzip -9nc > $@

# Where it is missing, $(B)/flags says so and nothing goes on.
$(CHARTJS): | $(B)/flags ;

$(B)/page/chart.js.gz: $(CHARTJS)
	@mkdir -p $(@D)
	$(call say,GZIP,$<)
	$(Q)gzip -9nc $< > $@

$(B)/src/serve/assets.o: CPPFLAGS += -DPAGE_DIR='"$(B)/page"'
$(B)/src/serve/assets.o: $(PAGE)

$(B)/tests/%: $(B)/tests/unit/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(B)/tools/%: $(B)/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) || $(NO_ROOM)

$(B)/mutated/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/lib/mutate.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) || $(NO_ROOM)

$(B)/bench/%: $(B)/tests/bench/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) || $(NO_ROOM)

$(B)/leaks/simulated: $(SIM) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) || $(NO_ROOM)

deps:
	@$(DEPS_ENV) sh contrib/install-deps build

tools: $(TOOLS)

demo:
	@$(DEPS_ENV) sh contrib/install-deps build
	@$(MAKE) --no-print-directory $(ALL_CORES) all tools
	@B=$(B) bash contrib/demo

# Unit tests need cmocka; without it the others are run.
CMOCKA := $(shell $(PKG_CONFIG) --exists cmocka 2>/dev/null && echo yes)

test: all $(if $(CMOCKA),$(UNIT)) $(TOOLS) $(MUTATED)
	@$(if $(CMOCKA),,echo 'no cmocka here: the unit tests are skipped')
	@B=$(B) bash tests/run $(TESTS)

test-unit: all $(UNIT) $(TOOLS)
	@B=$(B) bash tests/run test_

check:
	@$(DEPS_ENV) sh contrib/install-deps build check
	@$(MAKE) --no-print-directory $(ALL_CORES) test

# What takes long: kills, full disks, flipped bits, a soak; one case in SHARE, chosen by SEED. With FRESH=yes new systems as well.
SHARE ?= 1
torture: all $(TOOLS)
	@B=$(B) SHARE=$(SHARE) $(if $(SEED),SEED=$(SEED)) bash tests/run $(TESTS)
	$(if $(FRESH),@bash contrib/fresh $(NAMES))

# Which lines the tests run, by room.
coverage:
	@$(DEPS_ENV) sh contrib/install-deps build check
	@TEXTS=20000 $(MAKE) --no-print-directory $(ALL_CORES) B=build/coverage OPT='-O0 -g --coverage' HARDEN= test || echo 'some tests fail: what they did not get to counts as not run'
	@bash tests/coverage build/coverage

fresh:
	@bash contrib/fresh $(NAMES)

# The manuals as pages.
doc: $(foreach n,1 5 7,$(B)/doc/gscrape-tui.$(n).html)
	@echo 'manuals: $(B)/doc/gscrape-tui.{1,5,7}.html'

$(B)/doc/%.html: man/%
	@mkdir -p $(@D)
	$(call say,DOC,$<)
	$(Q)mandoc -Thtml -O man=%N.%S.html $< > $@

# README's pictures, from recordings in tests/data; a test holds them to what the program shows.
pictures: tools
	@B=$(B) contrib/pictures/draw contrib/pictures

# Each parser under libFuzzer for FUZZ_SECONDS, from real dumps; objects of their own, since coverage is compiled in.
FUZZ_SECONDS ?= 30
FUZZ_RUNS    := $(patsubst $(B)/fuzz/fuzz_%,fuzz-%,$(FUZZ))

fuzz:
	@$(DEPS_ENV) sh contrib/install-deps build check ci
	@$(MAKE) --no-print-directory B=build/fuzz CC=clang OPT='-O1 -g' SAN=address,undefined,fuzzer-no-link fuzz-all

fuzz-all: $(FUZZ_RUNS)

fuzz-%: $(B)/fuzz/fuzz_%
	@tests/fuzz/run $< $(FUZZ_SECONDS)

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench: all $(BENCH) $(TOOLS)
	@B=$(B) tests/bench/run

# The leak detector against services that leak and services that don't: simulated ones, then real ones; DIR=... has recordings of those already.
bench-leaks: all $(B)/leaks/simulated
	@$(B)/leaks/simulated
	@GSCRAPE=$(PROG) tests/leaks/bench $(DIR)

# A Debian package of the tree as it stands, in $(B)/deb; lintian has the last word.
deb:
	@$(DEPS_ENV) sh contrib/install-deps build deb
	@rm -rf $(B)/deb && mkdir -p $(B)/deb/gscrape-tui-$(VERSION)
	@tar -c --exclude=./build --exclude=./.git --exclude=./gscrape-tui --exclude=./gscrape-tui-*.tar.* . | tar -x -C $(B)/deb/gscrape-tui-$(VERSION)
	@cp -r contrib/debian $(B)/deb/gscrape-tui-$(VERSION)/debian
	cd $(B)/deb/gscrape-tui-$(VERSION) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc -b
	lintian --fail-on error,warning $(B)/deb/*.changes
	@ls $(B)/deb/*.deb

# A program that needs nothing of the system, with manual, completions and examples; libraries are built on the way.
ARCH ?= $(shell uname -m)
tarball:
	@$(DEPS_ENV) sh contrib/install-deps build tarball
	@B=$(B) bash contrib/static $(ARCH)

# Paths below PREFIX: what is installed, and what uninstall takes away again.
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
INSTALL ?= install
DOCDIR  ?= $(PREFIX)/share/doc/gscrape-tui
# SYSTEMDDIR=/usr/lib/systemd/system: the unit, its user and its folder as well.
SYSTEMDDIR  ?=
SYSUSERSDIR ?= $(SYSTEMDDIR:%/systemd/system=%/sysusers.d)
TMPFILESDIR ?= $(SYSTEMDDIR:%/systemd/system=%/tmpfiles.d)
EXAMPLES := contrib/config.example contrib/targets.example.json contrib/tmux-popup.conf contrib/example/prices.go $(wildcard contrib/kubernetes/*.yaml)
INSTALLED = $(BINDIR)/gscrape-tui $(foreach n,1 5 7,$(MANDIR)/man$(n)/gscrape-tui.$(n)) \
            $(BASHDIR)/gscrape-tui $(ZSHDIR)/_gscrape-tui $(FISHDIR)/gscrape-tui.fish \
            $(EXAMPLES:contrib/%=$(DOCDIR)/%) \
            $(if $(SYSTEMDDIR),$(SYSTEMDDIR)/gscrape-tui.service $(SYSUSERSDIR)/gscrape-tui.conf $(TMPFILESDIR)/gscrape-tui.conf)

install: all
	$(call say,INST,"$(DESTDIR)$(PREFIX)")
	$(Q)$(INSTALL) -D -m 755 $(PROG) "$(DESTDIR)$(BINDIR)/gscrape-tui"
	$(Q)$(foreach n,1 5 7,$(INSTALL) -D -m 644 man/gscrape-tui.$(n) "$(DESTDIR)$(MANDIR)/man$(n)/gscrape-tui.$(n)" &&) :
	$(Q)$(INSTALL) -D -m 644 contrib/completions/gscrape-tui.bash "$(DESTDIR)$(BASHDIR)/gscrape-tui"
	$(Q)$(INSTALL) -D -m 644 contrib/completions/_gscrape-tui "$(DESTDIR)$(ZSHDIR)/_gscrape-tui"
	$(Q)$(INSTALL) -D -m 644 contrib/completions/gscrape-tui.fish "$(DESTDIR)$(FISHDIR)/gscrape-tui.fish"
	$(Q)$(foreach f,$(EXAMPLES),$(INSTALL) -D -m 644 $(f) "$(DESTDIR)$(f:contrib/%=$(DOCDIR)/%)" &&) :
ifneq ($(SYSTEMDDIR),)
	$(Q)$(INSTALL) -D -m 644 contrib/systemd/gscrape-tui.sysusers "$(DESTDIR)$(SYSUSERSDIR)/gscrape-tui.conf"
	$(Q)$(INSTALL) -D -m 644 contrib/systemd/gscrape-tui.tmpfiles "$(DESTDIR)$(TMPFILESDIR)/gscrape-tui.conf"
	$(Q)$(INSTALL) -d "$(DESTDIR)$(SYSTEMDDIR)"
	$(Q)sed 's|/usr/local/bin/|$(BINDIR)/|' contrib/systemd/gscrape-tui.service > "$(DESTDIR)$(SYSTEMDDIR)/gscrape-tui.service"
	$(Q)chmod 644 "$(DESTDIR)$(SYSTEMDDIR)/gscrape-tui.service"
endif

uninstall:
	$(call say,RM,"$(DESTDIR)$(PREFIX)")
	$(Q)rm -f $(foreach f,$(INSTALLED),"$(DESTDIR)$(f)")
	$(Q)rmdir $(foreach d,$(sort $(dir $(EXAMPLES:contrib/%=$(DOCDIR)/%))),"$(DESTDIR)$(d)") 2>/dev/null; rmdir "$(DESTDIR)$(DOCDIR)" 2>/dev/null; :

# Elsewhere than in build there may be other things, too: what was made is taken away, file by file.
MADE = $(B)/flags $(LIB) $(PROG) $(LIBO) $(LIBO:.o=.d) $(B)/src/main.o $(B)/src/main.d $(PROTO) $(PROTO:.c=.h) $(PAGE) $(UNIT) $(TOOLS) $(BENCH) $(FUZZ) \
       $(SIM) $(SIM:.o=.d) $(B)/leaks/simulated $(wildcard $(B)/tests/*/*.[od] $(B)/doc/*.html) $(B)/demo/past.db $(B)/demo/past.db-lock

clean:
ifeq ($(B),build)
	rm -rf build gscrape-tui
else
	@rm -f $(MADE)
	@rmdir -p $(sort $(dir $(MADE))) 2>/dev/null || :
endif

-include $(patsubst %.o,%.d,$(LIBO) $(SIM) $(B)/src/main.o) $(wildcard $(B)/tests/*/*.d)
