# SPDX-License-Identifier: Apache-2.0
# Kazasu. `make demo` and `make check` are all a newcomer needs; `make help` lists the rest.

.DEFAULT_GOAL := all
SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

VERSION  := 0.1.0
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    := build
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
BINDIR := $(PREFIX)/bin
LIBDIR := $(PREFIX)/lib
DATADIR := $(PREFIX)/share
V ?= 0
ifeq ($(V),1)
Q :=
say = :
else
Q := @
say = printf '  %-4s %s\n' $(1) $(2)
endif

# ---------------------------------------------------------------- flags
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wwrite-strings \
        -Wmissing-prototypes -Wvla -Wimplicit-fallthrough -Werror
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong
KZ_CPPFLAGS := -std=c11 -D_GNU_SOURCE -DKAZASU_VERSION='"$(VERSION)"' -DKAZASU_DATADIR='"$(DATADIR)"' \
        -DOPENSSL_API_COMPAT=30000
KZ_CFLAGS := $(WARN) -fvisibility=hidden -fPIC
KZ_LDFLAGS := -Wl,-z,relro,-z,now -Wl,--as-needed
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g

# pkg-config is asked once per set, and only when a recipe needs the answer: `make check`
# on a new machine installs the packages first.
pkg_once = $(if $(PKG_$(subst -,_,$(1))_$(2)),,$(eval PKG_$(subst -,_,$(1))_$(2) := $(shell $(PKG_CONFIG) $(1) $($(2)_PKGS)) ))$(PKG_$(subst -,_,$(1))_$(2))
pkg_cflags = $(call pkg_once,--cflags,$(1))
pkg_libs   = $(call pkg_once,--libs,$(1))

card_PKGS  := libpcsclite libcrypto
sim_PKGS   := libcrypto jansson pangocairo libpng libopenjp2
flow_PKGS  := libcrypto jansson sqlite3 libpq libargon2 libxml-2.0 xmlsec1-openssl pangocairo
tools_PKGS := libpcsclite libcrypto jansson pangocairo libpng libopenjp2 sqlite3 libpq libargon2 libxml-2.0 xmlsec1-openssl libcurl
tests_PKGS := $(tools_PKGS) cmocka

# ---------------------------------------------------------------- layers
# A folder of libcard compiles with the public headers of its own and the lower
# layers only; an upward include does not build.
LAYERS     := base codec pki reader applet token
base_PUB   := error.h bytes.h secret.h date.h log.h
codec_PUB  := sw.h apdu.h tlv.h der.h
pki_PUB    := cvc.h cert.h name.h sig.h trust.h path.h verdict.h
reader_PUB := reader.h pcsc.h trace.h channel.h
applet_PUB := grant.h pin.h jpki.h surface.h text.h juki.h common.h
token_PUB  := token.h authenticity.h

base_BELOW   := base
codec_BELOW  := base codec
pki_BELOW    := base codec pki
reader_BELOW := base codec reader
applet_BELOW := base codec pki reader applet
token_BELOW  := base codec pki reader applet token
# The virtual card is an independent reading of the card: it sees the transport and base only.
sim_BELOW    := base
sim_EXTRA    := reader.h sim.h

PUBLIC := $(foreach l,$(LAYERS),$($(l)_PUB)) card.h
INC    := $(BUILD)/inc

define layer_inc
$(INC)/$(1)/.stamp: Makefile
	@rm -rf $$(@D) && mkdir -p $$(@D)/card
	@for h in $(foreach b,$($(1)_BELOW),$($(b)_PUB)) $($(1)_EXTRA); do \
	  ln -s $$(CURDIR)/libcard/include/card/$$$$h $$(@D)/card/$$$$h; done
	@touch $$@
endef
$(foreach l,$(LAYERS) sim,$(eval $(call layer_inc,$(l))))

# The library of flows: a folder sees all of libcard, the public headers of flows, and itself.
FLOWS := rules journal document identify issue apply

# ---------------------------------------------------------------- sources
SRC_CARD := $(foreach l,$(LAYERS),$(wildcard libcard/card/$(l)/*.c))
SRC_FLOW := $(foreach l,$(FLOWS),$(wildcard libcard/flow/$(l)/*.c))
SRC_SIM  := $(wildcard libcard/sim/*.c)
TOOLS    := $(patsubst tools/%/main.c,%,$(wildcard tools/*/main.c))
TESTS    := $(wildcard tests/*/test_*.c tests/card/*/test_*.c tests/flow/*/test_*.c)
HELPERS  := $(wildcard tests/helpers/*.c)
SCRIPTS  := $(sort $(wildcard tests/*/test_*.sh))

# $(1) flavour (obj: as shipped, asan: under the sanitizers), $(2) sources
objs = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))
inc_card = $(foreach b,$($(1)_BELOW),-Ilibcard/card/$(b)) -I$(INC)/$(1)
inc_tests = -Itests/helpers -Itools $(foreach l,$(LAYERS),-Ilibcard/card/$(l)) -Ilibcard/sim

# `make check`, `demo`, … install what is missing before anything is compiled.
DEPS := $(if $(filter check demo bench fuzz lint,$(MAKECMDGOALS)),deps)

define compile_rules
$(BUILD)/$(1)/libcard/card/%.o: libcard/card/%.c $(foreach l,$(LAYERS),$(INC)/$(l)/.stamp) | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) $$(call inc_card,$$(firstword $$(subst /, ,$$*))) $$(call pkg_cflags,card) \
	  $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/libcard/flow/%.o: libcard/flow/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include -I$$(<D) $$(call pkg_cflags,flow) \
	  $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/libcard/sim/%.o: libcard/sim/%.c $(INC)/sim/.stamp | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/sim -I$(INC)/sim $$(call pkg_cflags,sim) \
	  $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/tools/%.o: tools/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include -I$$(<D) $$(call pkg_cflags,tools) \
	  $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/tests/%.o: tests/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include $$(inc_tests) $$(call pkg_cflags,tests) \
	  $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/libcard.a: $$(call objs,$(1),$$(SRC_CARD))
	@$$(call say,AR,$$@); rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/libcardflow.a: $$(call objs,$(1),$$(SRC_FLOW))
	@$$(call say,AR,$$@); rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/libcardsim.a: $$(call objs,$(1),$$(SRC_SIM))
	@$$(call say,AR,$$@); rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/tests/%: $(BUILD)/$(1)/tests/%.o $$(call objs,$(1),$$(HELPERS)) $(BUILD)/$(1)/libcardsim.a $(BUILD)/$(1)/libcardflow.a $(BUILD)/$(1)/libcard.a
	@$$(call say,LD,$$@)
	$$(Q)$$(CC) $(2) $$(LINK_$$(notdir $$*)) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) \
	  $$(call pkg_libs,tests) -lm -lpthread -ldl
endef
$(eval $(call compile_rules,obj,$$(HARD) $$(CFLAGS)))
$(eval $(call compile_rules,asan,$$(SAN)))

# ---------------------------------------------------------------- products
LIBCARD  := $(BUILD)/lib/libcard.so
PROGRAMS := $(TOOLS:%=$(BUILD)/bin/%)
ASAN_PROGRAMS := $(TOOLS:%=$(BUILD)/asan/bin/%)

$(LIBCARD): $(call objs,obj,$(SRC_CARD)) libcard/card/libcard.map
	@mkdir -p $(@D) && $(call say,LD,$@)
	$(Q)$(CC) -shared $(KZ_LDFLAGS) -Wl,-z,defs -Wl,-soname,libcard.so.0 \
	  -Wl,--version-script=libcard/card/libcard.map -o $@ $(filter %.o,$^) $(call pkg_libs,card) $(LDFLAGS)
	$(Q)ln -sf libcard.so $(BUILD)/lib/libcard.so.0

LIBFLOW := $(BUILD)/lib/libcardflow.so
$(LIBFLOW): $(call objs,obj,$(SRC_FLOW)) $(LIBCARD) libcard/flow/libcardflow.map
	@mkdir -p $(@D) && $(call say,LD,$@)
	$(Q)$(CC) -shared $(KZ_LDFLAGS) -Wl,-z,defs -Wl,-soname,libcardflow.so.0 \
	  -Wl,--version-script=libcard/flow/libcardflow.map -o $@ $(filter %.o,$^) -L$(BUILD)/lib -lcard \
	  -Wl,-rpath,'$$ORIGIN' $(call pkg_libs,flow) $(LDFLAGS)
	$(Q)ln -sf libcardflow.so $(BUILD)/lib/libcardflow.so.0

# A program: its own folder, the shared library, and the virtual card for `sim:`.
define program
$(BUILD)/bin/$(1): $(call objs,obj,$(wildcard tools/$(1)/*.c)) $(BUILD)/obj/libcardsim.a $(LIBCARD) $(LIBFLOW)
	@mkdir -p $$(@D) && $$(call say,LD,$$@)
	$$(Q)$$(CC) -pie $$(KZ_LDFLAGS) -o $$@ $$(filter %.o %.a,$$^) -L$(BUILD)/lib -lcardflow -lcard \
	  -Wl,-rpath,'$$$$ORIGIN/../lib' $$(call pkg_libs,tools) -lm -lpthread $$(LDFLAGS)
$(BUILD)/asan/bin/$(1): $(call objs,asan,$(wildcard tools/$(1)/*.c)) $(BUILD)/asan/libcardsim.a $(BUILD)/asan/libcardflow.a $(BUILD)/asan/libcard.a
	@mkdir -p $$(@D) && $$(call say,LD,$$@)
	$$(Q)$$(CC) $$(SAN) -o $$@ $$(filter %.o %.a,$$^) $$(call pkg_libs,tools) -lm -lpthread
endef
$(foreach t,$(TOOLS),$(eval $(call program,$(t))))

.PHONY: all
all: $(LIBCARD) $(LIBFLOW) $(PROGRAMS)

# ---------------------------------------------------------------- fixtures
# Test CAs, trust files, lists of revoked certificates, and keys and pictures of the
# shipped personas. Keys are kept as long as $(BUILD)/fixtures is.
FIXTURES   := $(BUILD)/fixtures
MKFIXTURES := $(BUILD)/obj/fixtures/pki/mkfixtures

$(BUILD)/obj/fixtures/pki/%.o: fixtures/pki/%.c $(INC)/sim/.stamp | $(DEPS)
	@mkdir -p $(@D) && $(call say,CC,$@)
	$(Q)$(CC) $(KZ_CPPFLAGS) -Ilibcard/sim -I$(INC)/sim $(call pkg_cflags,sim) \
	  $(KZ_CFLAGS) $(HARD) $(CFLAGS) -MMD -MP -c -o $@ $<
$(MKFIXTURES): $(BUILD)/obj/fixtures/pki/mkfixtures.o $(BUILD)/obj/libcardsim.a
	@$(call say,LD,$@)
	$(Q)$(CC) -pie $(KZ_LDFLAGS) -o $@ $^ $(call pkg_libs,sim) -lm -lpthread $(LDFLAGS)
$(FIXTURES)/.stamp: $(MKFIXTURES) fixtures/pki/recipe.json $(wildcard fixtures/personas/*.json)
	@mkdir -p $(@D) && $(call say,GEN,$(FIXTURES))
	$(Q)$(MKFIXTURES) all fixtures $(FIXTURES)
	@touch $@
.PHONY: fixtures
fixtures: $(FIXTURES)/.stamp
all: $(FIXTURES)/.stamp
-include $(BUILD)/obj/fixtures/pki/mkfixtures.d

# ---------------------------------------------------------------- catalogues
# Messages in the languages of po/, beside the programs; `make messages` takes new ones into them.
LANGUAGES  := $(patsubst po/%.po,%,$(wildcard po/*.po))
CATALOGUES := $(LANGUAGES:%=$(BUILD)/share/locale/%/LC_MESSAGES/kazasu.mo)
XGETTEXT   := xgettext --from-code=UTF-8 -L C -k_ -kN_ -kngettext:1,2 --add-location=file \
              --package-name=kazasu
$(BUILD)/share/locale/%/LC_MESSAGES/kazasu.mo: po/%.po | $(DEPS)
	@mkdir -p $(@D) && $(call say,MSG,$@)
	$(Q)msgfmt --check-format -o $@ $<
.PHONY: messages
messages:
	@mkdir -p $(BUILD)/po && $(XGETTEXT) -o $(BUILD)/po/kazasu.pot $(sort $(wildcard tools/kazasu/*.c))
	@for l in $(LANGUAGES); do msgmerge -q -U --backup=none po/$$l.po $(BUILD)/po/kazasu.pot; \
	  msgfmt --statistics -o /dev/null po/$$l.po; done
all: $(CATALOGUES)

# ---------------------------------------------------------------- rules
# Tables of procedures, purposes and evidence lie beside the programs as they do when installed.
RULES := $(patsubst libcard/flow/rules/data/%,$(BUILD)/share/kazasu/rules/%,$(wildcard libcard/flow/rules/data/*.csv))
$(BUILD)/share/kazasu/rules/%.csv: libcard/flow/rules/data/%.csv
	@mkdir -p $(@D) && cp $< $@
all: $(RULES)

# ---------------------------------------------------------------- demo
OUT ?= out
.PHONY: demo
demo: all | $(DEPS)
	@$(BUILD)/bin/kazasu demo --lang ja -o $(OUT)

# ---------------------------------------------------------------- install
.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include/card \
	  $(DESTDIR)$(DATADIR)/kazasu
	install -m 755 $(PROGRAMS) $(DESTDIR)$(BINDIR)
	install -m 644 $(LIBCARD) $(DESTDIR)$(LIBDIR)/libcard.so.$(VERSION)
	ln -sf libcard.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libcard.so.0
	ln -sf libcard.so.0 $(DESTDIR)$(LIBDIR)/libcard.so
	install -m 644 $(PUBLIC:%=libcard/include/card/%) $(DESTDIR)$(PREFIX)/include/card
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: libcard' 'Description: Access to the My Number Card' \
	  'Version: $(VERSION)' 'Libs: -L$(LIBDIR) -lcard' 'Cflags: -I$${prefix}/include' \
	  >$(DESTDIR)$(LIBDIR)/pkgconfig/libcard.pc
	for l in $(LANGUAGES); do install -d $(DESTDIR)$(DATADIR)/locale/$$l/LC_MESSAGES && \
	  install -m 644 $(BUILD)/share/locale/$$l/LC_MESSAGES/kazasu.mo \
	    $(DESTDIR)$(DATADIR)/locale/$$l/LC_MESSAGES; done
	cd docs/man && find . -name '*.[1-8]' | while read -r f; do \
	  d=$(DESTDIR)$(DATADIR)/man/$$(dirname $$f)/man$${f##*.} && install -d $$d && \
	  install -m 644 $$f $$d; done
	install -d $(DESTDIR)$(DATADIR)/kazasu/rules
	install -m 644 $(RULES) $(DESTDIR)$(DATADIR)/kazasu/rules
	rm -rf $(DESTDIR)$(DATADIR)/kazasu/fixtures && cp -R $(FIXTURES) $(DESTDIR)$(DATADIR)/kazasu/fixtures

# ---------------------------------------------------------------- tests
# Tests of a program's parts are linked with all of it but its main.
define program_tests
$(filter $(BUILD)/$(2)/tests/$(1)/%,$(TESTS:%.c=$(BUILD)/$(2)/%)): \
  $(call objs,$(2),$(filter-out %/main.c,$(wildcard tools/$(1)/*.c)))
endef
$(foreach t,$(TOOLS),$(foreach f,obj asan,$(if $(wildcard tests/$(t)/test_*.c),$(eval $(call program_tests,$(t),$(f))))))

TEST_BIN  := $(TESTS:%.c=$(BUILD)/obj/%)
TEST_ASAN := $(TESTS:%.c=$(BUILD)/asan/%)

.PHONY: check
check: all $(TEST_BIN) $(TEST_ASAN) $(ASAN_PROGRAMS) | $(DEPS)
	@tests/run $(TEST_BIN) $(TEST_ASAN) $(SCRIPTS)

# ---------------------------------------------------------------- the machine
.PHONY: deps
deps:
	@deps/install deps/debian.txt

# ---------------------------------------------------------------- upkeep
C_FILES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
.PHONY: format clean
format:
	clang-format -i $(C_FILES)

clean:
	rm -rf $(BUILD)

DEPFILES := $(patsubst %.o,%.d,$(call objs,obj,$(SRC_CARD) $(SRC_FLOW) $(SRC_SIM) $(HELPERS) $(TESTS) $(wildcard tools/*/*.c)))
-include $(DEPFILES) $(patsubst $(BUILD)/obj/%,$(BUILD)/asan/%,$(DEPFILES))
