EXTENSION  = migr
EXTVERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" $(EXTENSION).control)

MODULE_big   = $(EXTENSION)
OBJS         = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
PGFILEDESC   = "migr - schema migrations inside the server"
PG_CPPFLAGS  = -I$(srcdir)/src -DMIGR_VERSION=\"$(EXTVERSION)\"
# All warnings but the three that the server's own headers give.
PG_CFLAGS    = -Wall -Wextra \
               -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers

# sql/migr.sql is the source; sql/migr--VERSION.sql is built from it, and only
# update scripts, sql/migr--FROM--TO.sql, lie beside it.
INSTALL_SQL  = sql/$(EXTENSION)--$(EXTVERSION).sql
UPDATE_SQL   = $(sort $(wildcard sql/$(EXTENSION)--*--*.sql))
DATA_built   = $(INSTALL_SQL)
DATA         = $(UPDATE_SQL) sql/migr_fleet.sql

# The command, bin/migr with its parts, in one file: installed into the directory that
# pg_config --bindir names. A clone can call bin/migr as it is.
SCRIPTS_built = bin/built/migr

# Beside those of the server; several extensions may have a faq.md, so in a directory.
DOCS         = $(sort $(wildcard doc/*.md))

# A test must not be named "migr": ./sql/migr.sql would be found first.
REGRESS      = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --load-extension=$(EXTENSION)

TAP_TESTS    = 1
PROVE_TESTS ?= test/t/*.pl

# What the tests leave, and install scripts built for earlier versions.
EXTRA_CLEAN  = bin/built results output_iso log tmp_check tmp_check_iso \
               regression.diffs regression.out \
               $(EXTENSION)-$(EXTVERSION).zip \
               $(filter-out $(UPDATE_SQL),$(wildcard sql/$(EXTENSION)--*.sql))

# These install what they need, or need nothing, so they must work without PGXS.
SELF_CONTAINED = demo dist test
.PHONY: $(SELF_CONTAINED)

ifneq ($(filter-out $(SELF_CONTAINED),$(or $(MAKECMDGOALS),all)),)

PG_CONFIG   ?= pg_config
PGXS        := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(wildcard $(PGXS)),)
$(error no PGXS here: install postgresql-server-dev-N, or name a server with PG_CONFIG=.../pg_config)
endif

# PostgreSQL 13 does not install the isolation driver with PGXS.
ifneq ($(wildcard $(dir $(PGXS))../test/isolation/pg_isolation_regress),)
ISOLATION      = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=$(EXTENSION)
endif

include $(PGXS)
docmoduledir := extension/$(EXTENSION)

# PGXS looks for them by the paths that they have here.
uninstall: uninstall-documents
.PHONY: uninstall-documents
uninstall-documents:
	rm -f $(addprefix '$(DESTDIR)$(docdir)/$(docmoduledir)'/, $(notdir $(DOCS)))

# How long a run took is never the same, so expected output has no summaries.
installcheck: export PGOPTIONS += -c migr.show_summary=off

# Every object, and its bitcode twin, is rebuilt when a header or the version
# changes.
$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*/*.h) $(EXTENSION).control

$(INSTALL_SQL): sql/$(EXTENSION).sql $(EXTENSION).control
	cp $< $@

# A part of shell takes the place of the line that reads it, without its head; a
# function that prints other parts prints them from within.
bin/built/migr: bin/migr $(wildcard bin/parts/*) $(EXTENSION).control
	mkdir -p $(@D)
	cd bin && awk -v version=$(EXTVERSION) ' \
	    function inline(name, head,   line, n) { \
	        while ((getline line < ("parts/" name)) > 0) if (++n > head) print line } \
	    /^here=/ { next } \
	    /^version=/ { $$0 = "version=" version } \
	    /^# In a clone/, /^# installed/ { next } \
	    /^# shellcheck source-path/, /^}/ { \
	        program = / \{ cat /; \
	        if (program) print "\n" $$1 "\n{\n    cat <<\"END OF PROGRAM\""; \
	        n = split($$0, quoted, "\""); \
	        for (i = 2; i < n; i += 2) if (sub(/.*\//, "", quoted[i])) inline(quoted[i], program ? 0 : 3); \
	        if (program) print "END OF PROGRAM\n}"; \
	        next } \
	    { print }' migr > built/migr.part
	chmod 755 $@.part
	mv $@.part $@

# A second compiler's opinion; builds nothing.
.PHONY: check-clang
check-clang:
	clang -fsyntax-only $(PG_CFLAGS) $(CPPFLAGS) $(OBJS:.o=.c)

endif

$(SELF_CONTAINED):
	script/$@
