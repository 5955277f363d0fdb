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
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
V ?= 0
ifeq ($(V),1)
Q :=
say = :
else
Q := @
say = printf '  %-4s %s\n' $(1) $(2)
endif

# One goal: as many jobs as there are processors, unless -j says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS))$(word 2,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# ---------------------------------------------------------------- flags
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wwrite-strings \
        -Wmissing-prototypes -Wvla -Wimplicit-fallthrough -Werror
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong
KZ_CPPFLAGS := -std=c11 -D_GNU_SOURCE -DKAZASU_VERSION='"$(VERSION)"' -DKAZASU_DATADIR='"$(DATADIR)"' \
        -DOPENSSL_API_COMPAT=30000
KZ_CFLAGS := $(WARN) -fvisibility=hidden -fPIC
# Nobody replaces one card_ function of the library by another: calls inside it are direct.
CARD_CFLAGS := -fno-semantic-interposition
KZ_LDFLAGS := -Wl,-z,relro,-z,now -Wl,--as-needed
FUZZ_SAN := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -O1 -g
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g

# pkg-config is asked once per set, and only when a recipe needs the answer: `make check`
# on a new machine installs the packages first.
pkg_once = $(if $(PKG_$(subst -,_,$(1))_$(2)),,$(eval PKG_$(subst -,_,$(1))_$(2) := $(shell $(PKG_CONFIG) $(1) $($(2)_PKGS)) ))$(PKG_$(subst -,_,$(1))_$(2))
pkg_cflags = $(call pkg_once,--cflags,$(1))
pkg_libs   = $(call pkg_once,--libs,$(1))

card_PKGS  := libpcsclite libcrypto
sim_PKGS   := libcrypto jansson pangocairo libpng libopenjp2
flow_PKGS  := libcrypto zlib jansson sqlite3 libpq libargon2 libxml-2.0 xmlsec1-openssl pangocairo pangoft2 \
              fontconfig harfbuzz libqrencode libpng
tools_PKGS := libpcsclite libcrypto zlib jansson pangocairo libpng libopenjp2 sqlite3 libpq libargon2 libxml-2.0 xmlsec1-openssl \
              libssl libcurl pangoft2 fontconfig harfbuzz libmicrohttpd gnutls libqrencode poppler-glib
tests_PKGS := $(tools_PKGS) cmocka
lazy_PKGS  := poppler-glib zbar # loaded when first needed: only their headers

# ---------------------------------------------------------------- layers
# A folder of libcard compiles with the public headers of its own and the lower
# layers only; an upward include does not build.
LAYERS     := base codec pki reader applet token
base_PUB   := error.h check.h bytes.h secret.h date.h log.h
codec_PUB  := sw.h apdu.h tlv.h der.h
pki_PUB    := cvc.h cert.h name.h sig.h trust.h path.h verdict.h crl.h fetch.h ocsp.h verify.h
reader_PUB := reader.h pcsc.h trace.h channel.h
applet_PUB := grant.h pin.h jpki.h surface.h text.h juki.h common.h local.h
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
FLOWS := rules journal document identify issue apply report

# ---------------------------------------------------------------- sources
SRC_CARD := $(foreach l,$(LAYERS),$(wildcard libcard/card/$(l)/*.c))
SRC_FLOW := $(foreach l,$(FLOWS),$(wildcard libcard/flow/$(l)/*.c))
SRC_SIM  := $(wildcard libcard/sim/*.c)
TOOLS    := $(patsubst tools/%/main.c,%,$(wildcard tools/*/main.c))
TESTS    := $(wildcard tests/*/test_*.c tests/card/*/test_*.c tests/flow/*/test_*.c)
HELPERS  := $(wildcard tests/helpers/*.c)
CLIENTS  := $(wildcard tests/*/client_*.c) # programs that test scripts drive
SCRIPTS  := $(sort $(wildcard tests/*/test_*.sh))

# $(1) flavour (obj: as shipped, asan: under the sanitizers), $(2) sources
objs = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))
inc_card = $(foreach b,$($(1)_BELOW),-Ilibcard/card/$(b)) -I$(INC)/$(1)
inc_tests = -Itests/helpers -Itools $(foreach l,$(LAYERS),-Ilibcard/card/$(l)) -Ilibcard/sim

# `make check`, `demo`, … install what is missing before anything is compiled.
# What only the tests need comes while the compiler works.
DEPS := $(if $(filter check man demo bench,$(MAKECMDGOALS)),deps-build) $(if $(filter fuzz lint format-check,$(MAKECMDGOALS)),deps-look)

define compile_rules
$(BUILD)/$(1)/libcard/card/%.o: libcard/card/%.c $(foreach l,$(LAYERS),$(INC)/$(l)/.stamp) | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) $$(call inc_card,$$(firstword $$(subst /, ,$$*))) $$(call pkg_cflags,card) \
	  $$(KZ_CFLAGS) $$(CARD_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/libcard/flow/%.o: libcard/flow/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include -I$$(<D) $$(call pkg_cflags,flow) $$(call pkg_cflags,lazy) \
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
$(BUILD)/$(1)/libtests.a: $$(call objs,$(1),$$(HELPERS))
	@$$(call say,AR,$$@); rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/tests/%: $(BUILD)/$(1)/tests/%.o $(BUILD)/$(1)/libtests.a $(BUILD)/$(1)/libcardsim.a $(BUILD)/$(1)/libcardflow.a $(BUILD)/$(1)/libcard.a
	@$$(call say,LD,$$@)
	$$(Q)$$(CC) $(2) $$(LINK_$$(notdir $$*)) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) \
	  $$(call pkg_libs,tests) -lm -lpthread -ldl
endef
$(eval $(call compile_rules,obj,$$(HARD) $$(CFLAGS)))
$(eval $(call compile_rules,asan,$$(SAN)))
$(eval $(call compile_rules,fuzz,$$(FUZZ_SAN)))

# ---------------------------------------------------------------- products
LIBCARD  := $(BUILD)/lib/libcard.so
PROGRAMS := $(TOOLS:%=$(BUILD)/bin/%)
ASAN_PROGRAMS := $(TOOLS:%=$(BUILD)/asan/bin/%)

$(LIBCARD): $(call objs,obj,$(SRC_CARD)) libcard/card/libcard.map
	@mkdir -p $(@D) && $(call say,LD,$@)
	$(Q)$(CC) -shared $(KZ_LDFLAGS) -Wl,-z,defs -Wl,-soname,libcard.so.0 \
	  -Wl,-Bsymbolic-functions \
	  -Wl,--version-script=libcard/card/libcard.map -o $@ $(filter %.o,$^) $(call pkg_libs,card) $(LDFLAGS)
	$(Q)ln -sf libcard.so $(BUILD)/lib/libcard.so.0

LIBFLOW := $(BUILD)/lib/libcardflow.so
$(LIBFLOW): $(call objs,obj,$(SRC_FLOW)) $(LIBCARD) libcard/flow/libcardflow.map
	@mkdir -p $(@D) && $(call say,LD,$@)
	$(Q)$(CC) -shared $(KZ_LDFLAGS) -Wl,-z,defs -Wl,-soname,libcardflow.so.0 \
	  -Wl,--version-script=libcard/flow/libcardflow.map -o $@ $(filter %.o,$^) -L$(BUILD)/lib -lcard \
	  -Wl,-rpath,'$$ORIGIN' $(call pkg_libs,flow) -lm $(LDFLAGS)
	$(Q)ln -sf libcardflow.so $(BUILD)/lib/libcardflow.so.0

# The two HTTPS services share tools/https.
tool_src = $(wildcard tools/$(1)/*.c) $(if $(filter kazasu-center kazasu-issuer,$(1)),$(wildcard tools/https/*.c))
# A program: its own folder, the shared library, and the virtual card for `sim:`.
# $(1) name, $(2) where to, $(3) where its libraries are, $(4) objects
link_program = $(CC) -pie $(KZ_LDFLAGS) -o $(2) $(4) $(BUILD)/obj/libcardsim.a -L$(BUILD)/lib -lcardflow -lcard -Wl,-rpath,'$(3)' $(call pkg_libs,tools) \
  -lm -lpthread $(LDFLAGS)
define program
$(BUILD)/bin/$(1): $(call objs,obj,$(call tool_src,$(1))) $(BUILD)/obj/libcardsim.a $(LIBCARD) $(LIBFLOW)
	@mkdir -p $$(@D) && $$(call say,LD,$$@)
	$$(Q)$$(call link_program,$(1),$$@,$$$$ORIGIN/../lib,$$(filter %.o,$$^))
$(BUILD)/asan/bin/$(1): $(call objs,asan,$(call tool_src,$(1))) $(BUILD)/asan/libcardsim.a $(BUILD)/asan/libcardflow.a $(BUILD)/asan/libcard.a
	@mkdir -p $$(@D) && $$(call say,LD,$$@)
	$$(Q)$$(CC) $$(SAN) -o $$@ $$(filter %.o %.a,$$^) $$(call pkg_libs,tools) -lm -lpthread
	$$(Q)ln -sfn ../share $(BUILD)/asan/share # rules and catalogues, as beside build/bin
endef
$(foreach t,$(TOOLS),$(eval $(call program,$(t))))

.PHONY: all
all: $(LIBCARD) $(LIBFLOW) $(PROGRAMS)

# ---------------------------------------------------------------- PKCS#11
# Two modules from the same sources (the second knows no signature slot) and the OpenSSL 3
# provider, on libcard only. source_pcsc.c is left out where a test brings its own readers.
P11_PKGS := nss
prov_PKGS := libcrypto
SRC_P11  := $(wildcard pkcs11/module/*.c)
SRC_PROV := $(wildcard pkcs11/provider/*.c)
P11_LIBS := $(BUILD)/lib/kazasu-pkcs11.so $(BUILD)/lib/kazasu-pkcs11-auth.so \
            $(if $(SRC_PROV),$(BUILD)/lib/kazasu-provider.so)
# NSS's headers are not written for our warnings.
p11_cflags = $(patsubst -I%,-isystem %,$(call pkg_cflags,P11)) $(call pkg_cflags,card)

define p11_rules
$(BUILD)/$(1)/pkcs11/module/%.o: pkcs11/module/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include -Ipkcs11/module $$(p11_cflags) $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/pkcs11/auth/%.o: pkcs11/module/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -DKAZASU_AUTH_ONLY -Ilibcard/include -Ipkcs11/module $$(p11_cflags) $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/pkcs11/provider/%.o: pkcs11/provider/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include -Ipkcs11/provider -Ipkcs11/module $$(call pkg_cflags,card) $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
$(BUILD)/$(1)/tests/pkcs11/%.o: tests/pkcs11/%.c | $(DEPS)
	@mkdir -p $$(@D) && $$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KZ_CPPFLAGS) -Ilibcard/include -Ipkcs11/module -Itests/pkcs11 $$(inc_tests) $$(p11_cflags) \
	  $$(call pkg_cflags,tests) $$(KZ_CFLAGS) $(2) -MMD -MP -c -o $$@ $$<
# The module inside the test's own process, over the virtual card.
$(BUILD)/$(1)/tests/pkcs11/test_%: $(BUILD)/$(1)/tests/pkcs11/test_%.o $(BUILD)/$(1)/tests/pkcs11/source_sim.o \
		$(call objs,$(1),$(filter-out %/source_pcsc.c,$(SRC_P11))) $(BUILD)/$(1)/libtests.a $(BUILD)/$(1)/libcardsim.a $(BUILD)/$(1)/libcard.a
	@$$(call say,LD,$$@)
	$$(Q)$$(CC) $(2) -o $$@ $$^ $$(call pkg_libs,tests) -lm -lpthread -ldl
endef
$(eval $(call p11_rules,obj,$$(HARD) $$(CFLAGS)))
$(eval $(call p11_rules,asan,$$(SAN)))

define p11_lib
$(BUILD)/lib/$(1).so: $(2) $(3) $(LIBCARD)
	@mkdir -p $$(@D) && $$(call say,LD,$$@)
	$$(Q)$$(CC) -shared $$(KZ_LDFLAGS) -Wl,-z,defs -Wl,--version-script=$(3) -Wl,-rpath,'$$$$ORIGIN' \
	  -o $$@ $$(filter %.o,$$^) -L$(BUILD)/lib -lcard $$(call pkg_libs,prov) -lpthread $$(LDFLAGS)
endef
$(eval $(call p11_lib,kazasu-pkcs11,$(SRC_P11:%.c=$(BUILD)/obj/%.o),pkcs11/module/module.map))
$(eval $(call p11_lib,kazasu-pkcs11-auth,$(SRC_P11:pkcs11/module/%.c=$(BUILD)/obj/pkcs11/auth/%.o),pkcs11/module/module.map))
$(eval $(call p11_lib,kazasu-provider,$(SRC_PROV:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/pkcs11/module/config.o,pkcs11/provider/provider.map))
all: $(P11_LIBS)

# The measurement of the module: as its tests.
$(BUILD)/obj/tests/bench/bench_pkcs11.o: tests/bench/bench_pkcs11.c | $(DEPS)
	@mkdir -p $(@D) && $(call say,CC,$@)
	$(Q)$(CC) $(KZ_CPPFLAGS) -Ilibcard/include -Ipkcs11/module -Itests/pkcs11 $(inc_tests) $(p11_cflags) \
	  $(call pkg_cflags,tests) $(KZ_CFLAGS) $(HARD) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/obj/tests/bench/bench_pkcs11: $(BUILD)/obj/tests/bench/bench_pkcs11.o $(BUILD)/obj/tests/pkcs11/source_sim.o \
		$(call objs,obj,$(filter-out %/source_pcsc.c,$(SRC_P11))) $(BUILD)/obj/libtests.a $(BUILD)/obj/libcardsim.a $(BUILD)/obj/libcard.a
	@$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^ $(call pkg_libs,tests) -lm -lpthread -ldl

# p11-kit finds the module by this file.
P11_KIT := $(BUILD)/share/p11-kit/modules/kazasu.module
$(P11_KIT): pkcs11/p11-kit/kazasu.module FORCE
	@mkdir -p $(@D); sed 's|^module: |&$(LIBDIR)/|' $< | cmp -s - $@ || sed 's|^module: |&$(LIBDIR)/|' $< >$@
all: $(P11_KIT)
-include $(patsubst %.c,$(BUILD)/obj/%.d,$(SRC_P11) $(SRC_PROV)) $(patsubst %.c,$(BUILD)/asan/%.d,$(SRC_P11)) \
  $(SRC_P11:pkcs11/module/%.c=$(BUILD)/obj/pkcs11/auth/%.d) $(wildcard $(BUILD)/*/tests/pkcs11/*.d)

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
	$(Q)mkdir -p $(FIXTURES)/paper && rm -f $(FIXTURES)/paper/*.pem && cd $(FIXTURES)/paper && umask 077 && \
	  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out paper-key.pem && \
	  openssl pkey -in paper-key.pem -pubout -out paper.pem && chmod 644 paper.pem
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
	@mkdir -p $(BUILD)/po && $(XGETTEXT) -o $(BUILD)/po/kazasu.pot $(sort $(wildcard tools/*/*.c))
	@for l in $(LANGUAGES); do msgmerge -q -U --backup=none po/$$l.po $(BUILD)/po/kazasu.pot; \
	  msgfmt --statistics -o /dev/null po/$$l.po; done
all: $(CATALOGUES)

# ---------------------------------------------------------------- rules
# Tables of procedures, purposes and evidence lie beside the programs as they do when installed.
RULES := $(patsubst libcard/flow/rules/data/%,$(BUILD)/share/kazasu/rules/%,$(wildcard libcard/flow/rules/data/*.csv))
$(BUILD)/share/kazasu/rules/%.csv: libcard/flow/rules/data/%.csv
	@mkdir -p $(@D) && cp $< $@
all: $(RULES)

# ---------------------------------------------------------------- states
# The transaction of convenience-store issuance, drawn from the table that runs it.
MKSTATES := $(BUILD)/obj/docs/states/mkstates
$(MKSTATES).o: docs/states/mkstates.c | $(DEPS)
	@mkdir -p $(@D) && $(call say,CC,$@)
	$(Q)$(CC) $(KZ_CPPFLAGS) -Ilibcard/include $(KZ_CFLAGS) $(HARD) $(CFLAGS) -MMD -MP -c -o $@ $<
$(MKSTATES): $(MKSTATES).o $(BUILD)/obj/libcardflow.a $(BUILD)/obj/libcard.a
	@$(call say,LD,$@)
	$(Q)$(CC) -pie $(KZ_LDFLAGS) -o $@ $^ $(call pkg_libs,tools) -lm -lpthread $(LDFLAGS)
.PHONY: states
states: $(MKSTATES)
	@$(MKSTATES) >docs/issuance-states.md
-include $(MKSTATES).d

# ---------------------------------------------------------------- demo
OUT ?= out
.PHONY: demo
demo: all | $(DEPS)
	@$(BUILD)/bin/kazasu demo --lang ja -o $(OUT)

# ---------------------------------------------------------------- manual pages of the library
# Section 3, made from the public headers: docs/man/mkman.py.
MAN3 := $(BUILD)/man/man3
$(MAN3)/.stamp: docs/man/mkman.py $(PUBLIC:%=libcard/include/card/%) $(wildcard libcard/include/cardflow/*.h) | $(DEPS)
	@rm -rf $(@D) && mkdir -p $(@D) && $(call say,MAN,$(@D))
	$(Q)python3 docs/man/mkman.py $(@D) $(VERSION) card card_ $(PUBLIC:%=libcard/include/card/%)
	$(Q)python3 docs/man/mkman.py $(@D) $(VERSION) cardflow flow_ $(wildcard libcard/include/cardflow/*.h)
	@touch $@
.PHONY: man
man: $(MAN3)/.stamp

# ---------------------------------------------------------------- install
# Everything is laid out in $(STAGE) first, as it will lie below DESTDIR; `uninstall` removes what is
# there. Programs find libcard by a path relative to themselves.
STAGE := $(BUILD)/stage
RUNPATH = $$ORIGIN/$(shell realpath -m --relative-to=$(BINDIR) $(LIBDIR))

# The objects that know DATADIR are made for it: those of build/obj know that of the last `make`.
DATADIR_SRC := $(shell grep -rl KAZASU_DATADIR libcard/sim tools --include='*.c')
STAGED      := $(call objs,staged,$(DATADIR_SRC))
$(eval $(call compile_rules,staged,$$(HARD) $$(CFLAGS)))
$(STAGED): $(BUILD)/.datadir
staged_objs = $(call objs,obj,$(filter-out $(DATADIR_SRC),$(call tool_src,$(1)))) \
  $(call objs,staged,$(filter tools/$(1)/% libcard/sim/%,$(DATADIR_SRC)))
$(BUILD)/.datadir: FORCE
	@mkdir -p $(@D); echo '$(DATADIR)' | cmp -s - $@ || echo '$(DATADIR)' >$@
.PHONY: FORCE
FORCE:

# $(1) name, $(2) what it is, $(3) what it needs
pkgconfig = printf '%s\n' 'prefix=$(PREFIX)' 'exec_prefix=$${prefix}' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' \
  'Name: $(1)' 'Description: $(2)' 'Version: $(VERSION)' $(if $(3),'Requires: $(3)') \
  'Libs: -L$${libdir} -l$(1:lib%=%)' 'Cflags: -I$${includedir}' >$(STAGE)$(LIBDIR)/pkgconfig/$(1).pc

.PHONY: stage install uninstall
stage: all man $(STAGED)
	@rm -rf $(STAGE)
	@install -d $(addprefix $(STAGE),$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR)/card $(DATADIR)/kazasu/trust \
	  $(DATADIR)/man/man3 $(DATADIR)/bash-completion/completions)
	@$(foreach t,$(TOOLS),$(call link_program,$(t),$(STAGE)$(BINDIR)/$(t),$(RUNPATH),$(call staged_objs,$(t))) &&) true
	@for l in libcard libcardflow; do install -m 644 $(BUILD)/lib/$$l.so $(STAGE)$(LIBDIR)/$$l.so.$(VERSION) && \
	  ln -s $$l.so.$(VERSION) $(STAGE)$(LIBDIR)/$$l.so.0 && ln -s $$l.so.0 $(STAGE)$(LIBDIR)/$$l.so; done
	@for f in $(BUILD)/lib/kazasu-*.so; do [ ! -e $$f ] || install -m 644 $$f $(STAGE)$(LIBDIR); done
	@install -m 644 $(PUBLIC:%=libcard/include/card/%) $(STAGE)$(INCLUDEDIR)/card
	@for h in libcard/include/cardflow/*.h; do [ ! -e $$h ] || install -D -m 644 -t $(STAGE)$(INCLUDEDIR)/cardflow $$h; done
	@$(call pkgconfig,libcard,Access to the My Number Card)
	@[ ! -e $(STAGE)$(INCLUDEDIR)/cardflow ] || $(call pkgconfig,libcardflow,Flows with the My Number Card,libcard)
	@install -m 644 $(MAN3)/*.3 $(STAGE)$(DATADIR)/man/man3
	@cd docs/man && find . -name '*.[1-8]' | while read -r f; do \
	  install -D -m 644 -t $(abspath $(STAGE))$(DATADIR)/man/$$(dirname $$f)/man$${f##*.} $$f; done
	@install -m 644 trust/*.pem $(STAGE)$(DATADIR)/kazasu/trust
	@install -m 644 docs/completion/kazasu $(STAGE)$(DATADIR)/bash-completion/completions
	@[ ! -d $(BUILD)/share ] || cp -R $(BUILD)/share/. $(STAGE)$(DATADIR)
	@cp -R $(FIXTURES) $(STAGE)$(DATADIR)/kazasu/fixtures && rm -f $(STAGE)$(DATADIR)/kazasu/fixtures/.stamp

install: stage
	@cd $(STAGE) && find . -type d | while read -r d; do mkdir -p "$(abspath $(DESTDIR))/$$d"; done
	@cd $(STAGE) && find . ! -type d | while read -r f; do \
	  rm -f "$(abspath $(DESTDIR))/$$f" && cp -P --preserve=mode "$$f" "$(abspath $(DESTDIR))/$$f"; done
	@$(call say,INST,$(DESTDIR)$(PREFIX))

uninstall: stage
	@cd $(STAGE) && find . ! -type d | while read -r f; do rm -f "$(abspath $(DESTDIR))/$$f"; done
	@cd $(STAGE) && find . -depth -path '*kazasu*' -type d | while read -r d; do \
	  rmdir --ignore-fail-on-non-empty "$(abspath $(DESTDIR))/$$d" 2>/dev/null || true; done

# ---------------------------------------------------------------- tests
# Tests of a program's parts are linked with all of it but its main.
define program_tests
$(filter $(BUILD)/$(2)/tests/$(1)/%,$(TESTS:%.c=$(BUILD)/$(2)/%)): \
  $(call objs,$(2),$(filter-out %/main.c,$(call tool_src,$(1))))
endef
$(foreach t,$(TOOLS),$(foreach f,obj asan,$(if $(wildcard tests/$(t)/test_*.c),$(eval $(call program_tests,$(t),$(f))))))

# Tests that link with these meet tests/helpers/fake_pcsc.c and its clock in place of pcscd.
comma := ,
FAKE_PCSC := $(addprefix -Wl$(comma)--wrap=,clock_gettime nanosleep $(addprefix SCard,EstablishContext \
        ReleaseContext IsValidContext Connect Reconnect Disconnect BeginTransaction EndTransaction \
        Status GetStatusChange Control Transmit ListReaders FreeMemory Cancel))
LINK_test_pcsc        := $(FAKE_PCSC)
LINK_test_pcsc_fault  := $(FAKE_PCSC)
LINK_test_pcsc_pinpad := $(FAKE_PCSC)

TEST_BIN  := $(TESTS:%.c=$(BUILD)/obj/%)
TEST_ASAN := $(TESTS:%.c=$(BUILD)/asan/%)
CLIENT_BIN := $(CLIENTS:%.c=$(BUILD)/obj/%)

# ---------------------------------------------------------------- fuzzing
# Targets under libFuzzer (`make fuzz FUZZ_SECONDS=30`, clang), and the same as replays of the
# corpus with seeded mutations, which `make check` runs under gcc's sanitizers.
FUZZ_SECONDS ?= 10
FUZZ_NAMES  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN    := $(FUZZ_NAMES:%=$(BUILD)/fuzz/tests/fuzz/fuzz_%)
FUZZ_REPLAY := $(FUZZ_NAMES:%=$(BUILD)/asan/tests/fuzz/replay_%)
FUZZ_CORPUS := $(BUILD)/fuzz/corpus
FUZZ_WRAP   := $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc mmap mlock)
LINK_fuzz_pcsc := $(addprefix -Wl$(comma)--wrap=,clock_gettime nanosleep pthread_create pthread_join pthread_detach)
FUZZ_COMMON = $(patsubst %,$(BUILD)/$(1)/tests/fuzz/%.o,allocation dialogue) $(BUILD)/$(1)/libcard.a

$(BUILD)/fuzz/%: private CC := clang
fuzz_link = $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call pkg_libs,card) $(FUZZ_LIBS)
$(BUILD)/fuzz/tests/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o $(call FUZZ_COMMON,fuzz)
	@$(call say,LD,$@)
	$(Q)$(CC) $(FUZZ_SAN) -fsanitize=fuzzer $(FUZZ_WRAP) $(LINK_fuzz_$*) -o $@ $(fuzz_link)
$(BUILD)/asan/tests/fuzz/replay_%: $(BUILD)/asan/tests/fuzz/fuzz_%.o $(BUILD)/asan/tests/fuzz/driver.o \
                                   $(call FUZZ_COMMON,asan)
	@$(call say,LD,$@)
	$(Q)$(CC) $(SAN) $(FUZZ_WRAP) $(LINK_fuzz_$*) -o $@ $(fuzz_link)
# Documents need libcardflow.
FUZZ_FLOW := document pdf application message paper tables
$(FUZZ_FLOW:%=$(BUILD)/fuzz/tests/fuzz/fuzz_%): $(BUILD)/fuzz/libcardflow.a
$(FUZZ_FLOW:%=$(BUILD)/asan/tests/fuzz/replay_%): $(BUILD)/asan/libcardflow.a
$(FUZZ_FLOW:%=$(BUILD)/fuzz/tests/fuzz/fuzz_%) $(FUZZ_FLOW:%=$(BUILD)/asan/tests/fuzz/replay_%): FUZZ_LIBS = $(call pkg_libs,flow) -lm -lpthread
$(BUILD)/obj/tests/fuzz/seed: $(patsubst %,$(BUILD)/obj/tests/fuzz/%.o,seed seed_document seed_issue seed_pdf dialogue) \
                              $(BUILD)/obj/libtests.a $(BUILD)/obj/libcardsim.a $(BUILD)/obj/libcardflow.a $(BUILD)/obj/libcard.a
	@$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^ $(call pkg_libs,tests) -lm -lpthread
$(FUZZ_CORPUS)/.stamp: $(BUILD)/obj/tests/fuzz/seed $(FIXTURES)/.stamp
	@rm -rf $(@D) && mkdir -p $(@D) && $(call say,GEN,$(@D))
	$(Q)$< $(@D)
	@touch $@

.PHONY: fuzz
fuzz: $(FUZZ_BIN) $(FUZZ_CORPUS)/.stamp | $(DEPS)
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_CORPUS) $(FUZZ_BIN)

# ---------------------------------------------------------------- measurements
# tests/bench/bench_<name>.c: see bench.h there.
# The centre's measurement is linked with the centre.
$(BUILD)/obj/tests/bench/bench_center: $(call objs,obj,$(filter-out %/main.c,$(call tool_src,kazasu-center)))
BENCH_BIN := $(patsubst %.c,$(BUILD)/obj/%,$(wildcard tests/bench/bench_*.c))
.PHONY: bench
bench: deps-test $(BENCH_BIN) $(FIXTURES)/.stamp
	@tests/bench/run $(BUILD)/bench.json $(BENCH_BIN)

# ---------------------------------------------------------------- check
.PHONY: check
check: deps-test all man $(MKSTATES) $(TEST_BIN) $(TEST_ASAN) $(CLIENT_BIN) $(ASAN_PROGRAMS) $(FUZZ_REPLAY) $(FUZZ_CORPUS)/.stamp
	@tests/run $(TEST_BIN) $(TEST_ASAN) $(FUZZ_REPLAY) $(SCRIPTS)

# ---------------------------------------------------------------- the machine
.PHONY: deps deps-build deps-test deps-look
deps:
	@deps/install deps/debian.txt
deps-build:
	@deps/install deps/debian.txt build
deps-test: | deps-build
	@deps/install deps/debian.txt test
deps-look: | deps-build
	@deps/install deps/debian.txt look

# ---------------------------------------------------------------- upkeep
# clang-tidy, cppcheck and shellcheck with the flags of the build. WHERE=folder/ looks at a part only.
C_FILES  := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
SH_FILES := $(shell git grep -lE '^\#!/bin/(ba)?sh' 2>/dev/null)
WHERE    ?= libcard/ tools/ pkcs11/
LINT_C   := $(sort $(SRC_CARD) $(SRC_FLOW) $(SRC_SIM) $(wildcard tools/*/*.c) $(wildcard pkcs11/*/*.c))
# Text macros are stood in for: cppcheck loses the quotes of -D options.
compile_flags = $(filter-out -DKAZASU_%,$(KZ_CPPFLAGS)) -DKAZASU_VERSION=__FILE__ -DKAZASU_DATADIR=__FILE__ $(KZ_CFLAGS) $(strip \
  $(if $(filter libcard/card/%,$(1)),$(call inc_card,$(word 3,$(subst /, ,$(1)))) $(call pkg_cflags,card)) \
  $(if $(filter libcard/flow/%,$(1)),-Ilibcard/include -I$(dir $(1)) $(call pkg_cflags,flow) $(call pkg_cflags,lazy)) \
  $(if $(filter libcard/sim/%,$(1)),-Ilibcard/sim -I$(INC)/sim $(call pkg_cflags,sim)) \
  $(if $(filter pkcs11/%,$(1)),-Ilibcard/include -Ipkcs11/module -I$(dir $(1)) $(p11_cflags)) \
  $(if $(filter tools/%,$(1)),-Ilibcard/include -I$(dir $(1)) $(call pkg_cflags,tools)))

$(BUILD)/compile_commands.json: Makefile $(LINT_C) $(foreach l,$(LAYERS) sim,$(INC)/$(l)/.stamp) | $(DEPS)
	$(file >$@.in)$(foreach f,$(LINT_C),$(file >>$@.in,$(f) $(CC) $(call compile_flags,$(f)) -c $(f)))
	@python3 tests/lint/compile_commands.py $(CURDIR) <$@.in >$@ && rm -f $@.in

.PHONY: help lint format format-check clean
help:
	@printf '%s\n' 'make            programs in $(BUILD)/bin, libraries in $(BUILD)/lib' \
	  'make demo       an identity check on the published test card; files in $(OUT)/' \
	  'make check      every test, as shipped and under the sanitizers' \
	  'make install    DESTDIR, PREFIX ($(PREFIX)), LIBDIR ($(LIBDIR)); make uninstall' \
	  'make man        manual pages of the library, $(MAN3)' \
	  'make bench      measurements, $(BUILD)/bench.json' \
	  'make states     docs/issuance-states.md, from the table of transactions' \
	  'make fuzz       every fuzz target for FUZZ_SECONDS ($(FUZZ_SECONDS))' \
	  'make lint       clang-tidy, cppcheck, shellcheck; WHERE=libcard/card/base/ for a part' \
	  'make format     clang-format; make format-check only looks' \
	  'make deps       install the Debian packages of deps/debian.txt that are missing' \
	  'make clean      remove $(BUILD)/'

lint: $(BUILD)/compile_commands.json | $(DEPS)
	@tests/lint/run $(BUILD) $(filter $(addsuffix %,$(WHERE)),$(LINT_C))
	@shellcheck -S warning $(SH_FILES)

format:
	clang-format -i $(C_FILES)

format-check: | $(DEPS)
	@clang-format --dry-run -Werror $(C_FILES)

clean:
	rm -rf $(BUILD)

DEPFILES := $(patsubst %.o,%.d,$(call objs,obj,$(SRC_CARD) $(SRC_FLOW) $(SRC_SIM) $(HELPERS) $(TESTS) $(CLIENTS) $(wildcard tools/*/*.c)))
-include $(DEPFILES) $(wildcard $(BUILD)/obj/tests/bench/*.d) $(patsubst $(BUILD)/obj/%,$(BUILD)/asan/%,$(DEPFILES))
