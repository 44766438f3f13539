# babelgrad: make, make test, make demo. See README.md.
REAL     ?= float
ARCH     ?= native
SIMD     ?= 1
OPENMP   ?= 1
DEBUG    ?= 0
SANITIZE ?=
COVERAGE ?= 0
UNITY    ?= 1
PREFIX   ?= /usr/local
CXXFLAGS ?= -Og
ifeq ($(origin CXX),default)
CXX := g++
endif
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
endif

# The rooms in the order of linking: a room uses those listed beside it, and its tests link nothing
# else. (The order of reading is tensor autograd nn models data tools.)
ROOMS          := tensor autograd data nn models tools
ROOMS_tensor   := tensor
ROOMS_autograd := tensor autograd
ROOMS_data     := tensor data
ROOMS_nn       := tensor autograd data nn
ROOMS_models   := tensor autograd data nn models
ROOMS_tools    := tensor autograd data nn models tools
LIBRARY_ROOMS  := tensor autograd data nn models
APP   := tools/app $(addprefix tools/app/,cli run view explain graph report bench \
    export)
LAB   := tools/lab tools/lab/experiments
FOLDERS_tools  := $(APP) $(LAB)

# Every set of options builds in a folder of its own, so that they never mix.
comma := ,
OUT := build/$(REAL)
ifneq ($(ARCH),native)
OUT := $(OUT)-$(or $(ARCH),portable)
endif
ifeq ($(SIMD),0)
OUT := $(OUT)-nosimd
endif
ifeq ($(OPENMP),0)
OUT := $(OUT)-noomp
endif
ifeq ($(DEBUG),1)
OUT := $(OUT)-debug
endif
ifneq ($(SANITIZE),)
OUT := $(OUT)-$(subst $(comma),-,$(SANITIZE))
endif
ifneq ($(CXX),g++)
OUT := $(OUT)-$(notdir $(CXX))
endif
# A folder compiles as one unit, since a small file is mostly the headers it reads. UNITY=0 compiles
# file by file, for who edits one.
ifeq ($(COVERAGE),1)
override UNITY := 0
OUT := $(OUT)-coverage
else ifeq ($(UNITY),0)
OUT := $(OUT)-files
endif

# A task of the workbook: files of the folder COPY come before the tree's own, and what they make
# stays there. Its tests are small, so compiling costs more than running.
ifneq ($(COPY),)
OUT := $(COPY)/objects
override CXXFLAGS := -O0
endif

# No -ffast-math: it makes isnan() false and reorders sums. Products and sums may fuse (one rounding
# instead of two); that depends on the machine, never on the number of threads.
FLAGS := -std=c++20 -Wall -Wextra -Wpedantic -fno-math-errno -fno-trapping-math -ffp-contract=fast
FLAGS += $(if $(findstring clang,$(CXX)),-Wshadow,-Wshadow=local)
# g++ looks for memory to give back only above 1 GB: the same objects, a tenth sooner.
FLAGS += $(if $(findstring clang,$(CXX)),,--param ggc-min-heapsize=1000000)
FLAGS += $(if $(COPY),-w -I$(COPY))
FLAGS += -I. -I$(OUT) -DREAL=$(REAL) -DBABELGRAD_SIMD=$(if $(filter 0,$(SIMD)),0,1) -MMD -MP
ifneq ($(ARCH),)
FLAGS += -march=$(ARCH)
endif
ifneq ($(OPENMP),0)
FLAGS += -fopenmp
else
FLAGS += -Wno-unknown-pragmas
endif
ifeq ($(DEBUG),1)
FLAGS += -g -DBABELGRAD_POISON -D_GLIBCXX_ASSERTIONS
override CXXFLAGS := -O1
endif
ifneq ($(SANITIZE),)
FLAGS += -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
FLAGS += -D_GLIBCXX_ASSERTIONS -DBABELGRAD_NO_POOL
override CXXFLAGS := -O1
endif

# gcov counts what ran of nn, models and bleu. All else keeps its speed.
ifeq ($(COVERAGE),1)
override CXXFLAGS := -O0
COUNTED := nn/% data/bleu tools/% tests/% chapters/%
$(COUNTED:%=$(OUT)/%.o): FLAGS += --coverage
$(OUT)/data/%.o: FLAGS += -O1
LDFLAGS += --coverage
endif

# What has flags of its own, or a main, is a unit by itself.
ALONE   := tensor/random.cpp tools/app/main.cpp tools/lab/main.cpp \
    tools/app/bench/machine.cpp
folders  = $(or $(FOLDERS_$(1)),$(1))
sources  = $(sort $(wildcard $(addsuffix /*.cpp,$(1))))
ifeq ($(UNITY),1)
units    = $(foreach f,$(1),$(if $(filter-out $(ALONE),$(call sources,$(f))),$(OUT)/$(f)/unit.o)) \
           $(patsubst %.cpp,$(OUT)/%.o,$(filter $(ALONE),$(call sources,$(1))))
else
units    = $(patsubst %.cpp,$(OUT)/%.o,$(call sources,$(1)))
endif
objects  = $(call units,$(call folders,$(1)))
PROGRAM := $(OUT)/babelgrad
LAB_PROGRAM := $(OUT)/babelgrad-lab
LIBRARY := $(OUT)/libbabelgrad.a
INCLUDE := $(OUT)/include
CHAPTER := $(OUT)/tests/chapters
MAIN    := $(patsubst %.cpp,$(OUT)/%.o,$(filter %/main.cpp,$(ALONE)))
TESTS   := $(foreach room,$(ROOMS),$(OUT)/tests/$(room)_test)
# The objects of a room and of those below it.
linked   = $(filter-out $(MAIN),$(foreach room,$(ROOMS_$(1)),$(call objects,$(room))))

all: $(PROGRAM) $(LAB_PROGRAM) $(INCLUDE)/babelgrad.h
	@ln -sfn ../$(PROGRAM) build/babelgrad
	@ln -sfn ../$(LIBRARY) build/libbabelgrad.a
	@ln -sfn ../$(INCLUDE) build/include

# One header for programs of other people: all of the library, compiled for the Real it has.
HEADERS := $(wildcard $(addsuffix /*.h,$(LIBRARY_ROOMS)))
$(INCLUDE)/babelgrad.h: force
	@mkdir -p $(@D)
	@for room in $(LIBRARY_ROOMS); do ln -sfn ../../../$$room $(@D)/$$room; done
	@{ echo '// All of babelgrad. Written by make, for the library that was built beside it.'; \
	  echo '#pragma once'; \
	  echo '#if __cplusplus < 202002L'; \
	  echo '#error "babelgrad is C++20: compile with -std=c++20"'; \
	  echo '#else'; \
	  printf '#ifndef REAL\n#define REAL %s\n#endif\n' $(REAL); \
	  $(if $(filter -fopenmp,$(FLAGS)),printf '#ifndef _OPENMP\n#error "%s"\n#endif\n' \
	    'babelgrad: this library runs on threads: compile and link with -fopenmp';) \
	  echo '#include <iostream>'; \
	  printf '#include "%s"\n' $(HEADERS); \
	  echo 'static_assert(sizeof(babelgrad::Real) == sizeof($(REAL)),'; \
	  echo '    "babelgrad: this library was built with REAL=$(REAL); leave out -DREAL");'; \
	  echo '#endif'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(LIBRARY): $(foreach room,$(LIBRARY_ROOMS),$(call objects,$(room)))
	@echo "  $@"
	@rm -f $@ && $(AR) rcs $@ $^
$(PROGRAM): $(call units,$(APP)) $(LIBRARY)
$(LAB_PROGRAM): $(call units,$(LAB)) $(filter-out $(MAIN),$(call units,$(APP))) $(LIBRARY)
$(PROGRAM) $(LAB_PROGRAM):
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) $^ -o $@ $(LDFLAGS)

# The whole algorithm in one file needs nothing else, not even these flags; an example needs only
# the library.
WHOLE    := $(OUT)/whole
EXAMPLES := $(patsubst tools/%.cpp,$(OUT)/%,$(wildcard tools/examples/*.cpp))
$(WHOLE): tools/whole.cpp | toolchain
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CXX) -std=c++20 -O2 $< -o $@
$(OUT)/examples/%: $(OUT)/tools/examples/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) $^ -o $@ $(LDFLAGS)

ifneq ($(COPY),)
$(OUT)/%.o: $(COPY)/%.cpp Makefile
	@mkdir -p $(dir $@)
	@$(CXX) $(CXXFLAGS) $(FLAGS) -c $< -o $@
$(COPY)/test: $(LINK)
	@$(CXX) $(FLAGS) $^ -o $@ $(LDFLAGS)
endif
$(OUT)/%.o: %.cpp Makefile | toolchain
	@mkdir -p $(dir $@)
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) -c $< -o $@

# A unit is made of the names of its files, and made again when these change.
define unit_rule
$(OUT)/$(1)/unit.cpp: force
	@mkdir -p $$(@D)
	@printf '#include "%s"\n' $$(filter-out $(ALONE),$$(call sources,$(1))) > $$@.new
	@cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@
endef
$(foreach f,$(sort $(foreach room,$(ROOMS),$(call folders,$(room)))),$(eval $(call unit_rule,$(f))))
$(OUT)/%/unit.o: $(OUT)/%/unit.cpp Makefile | toolchain
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) -c $< -o $@

# Style sheets and scripts of the pages are files, and become part of the program as C++: the text,
# and the hash by which a Content-Security-Policy admits it.
VIEW     := tools/app/view
EMBEDDED := $(addsuffix .h,$(addprefix $(OUT)/,$(wildcard $(VIEW)/*.css $(VIEW)/*.js)))
$(call units,$(VIEW)): $(EMBEDDED)
$(EMBEDDED): $(OUT)/%.h: % Makefile
	@mkdir -p $(@D)
	@hash=$$(sha256sum < $< | cut -c 1-64 | tr a-f A-F | basenc --base16 -d | base64) && \
	  test -n "$$hash" && \
	  { printf '{R"~~('; cat $<; printf ')~~",\n"sha256-%s"}\n' "$$hash"; } > $@

$(OUT)/tensor/random.o: FLAGS += -ffp-contract=off   # the same numbers on every machine
ifeq ($(DEBUG)$(SANITIZE)$(COPY),0)
# Where the loops over numbers and over letters are. All else compiles a third faster with -Og, and
# a debugger stops at each of its lines, the models' among them.
$(OUT)/data/%.o: FLAGS += -O1
$(OUT)/tensor/%.o $(OUT)/autograd/%.o $(OUT)/nn/optim.o $(OUT)/nn/unit.o \
    $(OUT)/tools/app/bench/machine.o: FLAGS += -O3
endif

# tests/ROOM_*.cpp test a room and link that room and those below it. They compile as one unit; the
# many tests of tools as four.
PARTS_tools := [a-e] [f-m] [n-r] [s-z]
parts = $(or $(PARTS_$(1)),*)
part_unit = $(OUT)/tests/$(1)_$(subst *,all,$(subst [,,$(subst ],,$(2))))/unit
ifeq ($(UNITY),1)
tested = $(foreach part,$(call parts,$(1)),$(call part_unit,$(1),$(part)).o)
else
tested = $(patsubst %.cpp,$(OUT)/%.o,$(sort $(wildcard tests/$(1)_*.cpp)))
endif
define part_rule
$(call part_unit,$(1),$(2)).cpp: force
	@mkdir -p $$(@D)
	@printf '#include "%s"\n' $$(sort $$(wildcard tests/$(1)_$(2)*.cpp)) > $$@.new
	@cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@
endef
$(foreach room,$(ROOMS),$(foreach part,$(call parts,$(room)),\
  $(eval $(call part_rule,$(room),$(part)))))
define test_rule
$(OUT)/tests/$(1)_test: $(OUT)/tests/main.o $$(call tested,$(1)) $$(call linked,$(1))
	@echo "  $$@"
	@$$(CXX) $$(CXXFLAGS) $$(FLAGS) $$^ -o $$@ $$(LDFLAGS)
endef
$(foreach room,$(ROOMS),$(eval $(call test_rule,$(room))))

# Each README.md is a chapter: its examples are one program, linked with its room and those below.
$(CHAPTER): $(OUT)/tests/chapters.o
	@$(CXX) $(CXXFLAGS) $(FLAGS) $^ -o $@ $(LDFLAGS)
CHAPTERS := $(patsubst %.md,%,\
  $(shell grep -l '^```c' README.md $(addsuffix /*.md,$(ROOMS)) 2>/dev/null))
define chapter_rule
$(OUT)/chapters/$(1).cpp: $(1).md $(wildcard $(addsuffix /*.h,$(ROOMS_$(2)))) $(CHAPTER)
	@mkdir -p $$(dir $$@)
	@$(CHAPTER) write $(1).md $$@ $(ROOMS_$(2))
$(OUT)/chapters/$(1).o: $(OUT)/chapters/$(1).cpp
	@echo "  $$@"
	@$$(CXX) $$(CXXFLAGS) $$(FLAGS) -c $$< -o $$@
$(OUT)/chapters/$(1): $(OUT)/chapters/$(1).o $$(call linked,$(2))
	@$$(CXX) $$(CXXFLAGS) $$(FLAGS) $$^ -o $$@ $$(LDFLAGS)
endef
$(OUT)/chapters/README.o: FLAGS += -I$(INCLUDE)
$(OUT)/chapters/README.o: $(INCLUDE)/babelgrad.h
room_of = $(or $(patsubst %/,%,$(filter-out ./,$(dir $(1)))),tools)
$(foreach chapter,$(CHAPTERS),$(eval $(call chapter_rule,$(chapter),$(call room_of,$(chapter)))))

# The whole suite, in float and in double: gradients are proved in double, and both are shipped.
test: | doctest
	@$(MAKE) --no-print-directory run-tests REAL=float
	@$(MAKE) --no-print-directory chapters REAL=float
	@$(MAKE) --no-print-directory run-tests REAL=double
	@$(MAKE) --no-print-directory chapters REAL=double

run-tests: $(TESTS) $(PROGRAM) $(LAB_PROGRAM) $(WHOLE) $(EXAMPLES) | doctest
	@for t in $(TESTS); do \
	  echo "$(REAL) $$(basename $$t)"; \
	  BABELGRAD=$(PROGRAM) CXX="$(CXX)" $$t --no-intro || exit 1; \
	done

chapters: $(CHAPTER) $(PROGRAM) $(LAB_PROGRAM) $(addprefix $(OUT)/chapters/,$(CHAPTERS))
	@good=0 bad=0; for chapter in $(CHAPTERS); do \
	  run=$(OUT)/chapters/$$chapter; \
	  if $$run > $$run.out && \
	     $(CHAPTER) compare $$chapter.md $$run.out $(PROGRAM); \
	  then good=$$((good + 1)); else bad=$$((bad + 1)); fi; \
	done; \
	echo "[doctest] test cases: $$((good + bad)) | $$good passed | $$bad failed | 0 skipped"; \
	[ $$bad = 0 ]

# README's first program, by README's own line, and what it prints.
first-program: all $(CHAPTER)
	@mkdir -p $(OUT)/first && ln -sfn $(CURDIR)/build $(OUT)/first/build
	@$(CHAPTER) write README.md $(OUT)/first/first.cpp
	@line=$$(sed -n 's/^    \(g++ .* first\.cpp .*\)/\1/p' README.md) && test -n "$$line" && \
	  (cd $(OUT)/first && sh -ec "$$line") > $(OUT)/first/printed
	@$(CHAPTER) compare README.md $(OUT)/first/printed $(PROGRAM)
	@for wrong in "built with REAL=$(REAL)/-DREAL=$(if $(filter float,$(REAL)),double,float)" \
	    $(if $(filter -fopenmp,$(FLAGS)),"with -fopenmp/-fno-openmp"); do \
	  (cd $(OUT)/first && $(CXX) -std=c++20 -fopenmp $${wrong#*/} -fsyntax-only -Ibuild/include \
	    first.cpp) 2>&1 | grep -q "error: .*$${wrong%/*}" || \
	    { echo "babelgrad.h: $${wrong#*/} is not refused" >&2; exit 1; }; \
	done

# Any other folder of reference numbers in the form of tests/golden: make golden GOLDEN=folder
GOLDEN ?= tests/golden
golden: | doctest
	@$(MAKE) --no-print-directory run-golden REAL=float
	@$(MAKE) --no-print-directory run-golden REAL=double
run-golden: $(OUT)/tests/nn_test $(OUT)/tests/models_test
	@for t in $^; do GOLDEN=$(GOLDEN) $$t --no-intro -tc="golden*" || exit 1; done

# What knows the processor, on another one: apt-get install g++-aarch64-linux-gnu qemu-user
aarch64: | doctest
	@for real in float double; do \
	  $(MAKE) --no-print-directory REAL=$$real CXX=aarch64-linux-gnu-g++ ARCH= other-tensor-test || \
	    exit 1; \
	done
other-tensor-test: $(OUT)/tests/tensor_test
	@qemu-aarch64 -L /usr/aarch64-linux-gnu $< --no-intro \
	  -tc="subnormals*,vector math*,parallel_for*"

# The other compiler and plain loops: everything builds, and tensor's tests pass.
other-builds: | doctest
	@$(MAKE) --no-print-directory CXX=clang++ all tensor-test
	@$(MAKE) --no-print-directory SIMD=0 all tensor-test
tensor-test: $(OUT)/tests/tensor_test
	@$< --no-intro

# The suite under sanitizers. What they report of faults planted on purpose comes first: a tool that
# does not see these sees nothing. Threads are watched in clang's OpenMP, which tells the sanitizer
# when it waits; g++'s does not, and sound programs are reported.
sanitize: | doctest
	@$(MAKE) --no-print-directory SANITIZE=address,undefined planted PLANTED="address undefined leak"
	@$(MAKE) --no-print-directory SANITIZE=address,undefined test
tsan: export TSAN_OPTIONS = ignore_noninstrumented_modules=1
tsan: | doctest
	@$(MAKE) --no-print-directory CXX=clang++ SANITIZE=thread planted PLANTED=race
	@$(MAKE) --no-print-directory CXX=clang++ SANITIZE=thread run-tests
$(OUT)/planted: $(OUT)/tests/planted.o $(call linked,tensor)
	@$(CXX) $(CXXFLAGS) $(FLAGS) $^ -o $@ $(LDFLAGS)
planted: $(OUT)/planted
	@$< none > $<.none 2>&1 || { cat $<.none; exit 1; }
	@for fault in $(PLANTED); do \
	  $< $$fault > $<.$$fault 2>&1; \
	  grep -qE "Sanitizer: |runtime error: " $<.$$fault || \
	    { echo "$(SANITIZE): a planted fault is not reported: $$fault" >&2; exit 1; }; \
	  echo "reported, as it must be: $$fault"; \
	done

# Every parser under libFuzzer, each by itself: make fuzz RUNS=100000 FUZZ="json tsv". Inputs of
# interest and what was found stay in build/fuzz, and go on from there the next time.
RUNS ?= 10000000
FUZZ ?= $(patsubst tests/fuzz/%.cpp,%,$(wildcard tests/fuzz/*.cpp))
fuzz:
	@$(MAKE) --no-print-directory -k CXX=clang++ OPENMP=0 \
	  SANITIZE=fuzzer-no-link,address,undefined $(addprefix run-fuzz-,$(FUZZ))
$(OUT)/fuzz/%: $(OUT)/tests/fuzz/%.o $(call linked,tools)
	@mkdir -p $(dir $@)
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) -fsanitize=fuzzer $^ -o $@ $(LDFLAGS)
run-fuzz-%: $(OUT)/fuzz/%
	@mkdir -p build/fuzz/$*
	@ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=8 \
	  $< build/fuzz/$* -runs=$(RUNS) -max_len=2048 -timeout=10 -rss_limit_mb=1024 \
	  -print_final_stats=1 -artifact_prefix=build/fuzz/$*- > build/fuzz/$*.log 2>&1 || \
	  { echo "fuzz $*: a finding; see build/fuzz/$*.log" >&2; exit 1; }
	@echo "fuzz $*: $$(grep -h -m1 '^Done' build/fuzz/$*.log)"

# What only developers need is Python: tools/dev/README.md. Debian's has Debian's packages.
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3) -B

# Code beside the book: tags, equations, statements, and the maps made from them. make maps writes
# these; make ran asks gcov first which statements run, and make book-runs whether they still do.
book:
	@$(PYTHON) tools/dev/book.py
	@$(PYTHON) tests/dev_d2l.py && $(PYTHON) tests/dev_book.py && $(PYTHON) tests/dev_chapters.py
maps:
	@$(PYTHON) tools/dev/book.py --write
ran: ran-write
	@$(MAKE) --no-print-directory maps
book-runs: ran-compare
ran-%:
	@$(MAKE) --no-print-directory COVERAGE=1 run-ran RAN=--$*
run-ran: $(PROGRAM) $(patsubst %,$(OUT)/chapters/%/README,nn models data)
	@$(PYTHON) tools/dev/ran.py $(OUT) $(RAN)

# The chapters' figures, drawn by the program; figures-check compares them, without Graphviz.
figures: $(PROGRAM)
	@$(PYTHON) tools/dev/figures.py $(PROGRAM)
figures-check: $(PROGRAM)
	@$(PYTHON) tools/dev/figures.py $(PROGRAM) --check && $(PYTHON) tests/dev_figures.py

style:
	@$(PYTHON) tools/dev/style.py && $(PYTHON) tests/dev_style.py
	@$(PYTHON) tests/dev_mutants.py && $(PYTHON) tests/dev_workbook.py
claims:
	@$(PYTHON) tools/dev/claims.py && $(PYTHON) tests/dev_claims.py
# Small faults planted one at a time, and whether the tests notice: hours, and goes on where it was
# stopped. make mutants COUNT=20 SEED=7
COUNT ?= 200
SEED  ?= 1
mutants: | doctest
	@$(PYTHON) tools/dev/mutants.py --count $(COUNT) --seed $(SEED)
# To write yourself: make tasks, make blank TASK=softmax, make check TASK=softmax. make workbook
# tries every task, blank and with its wrong answer.
blank check tasks:
	@$(PYTHON) tools/dev/workbook.py $@ $(TASK)
workbook: | doctest
	@$(PYTHON) tools/dev/workbook.py all $(TASK)
# A minute and a half, and needs clang-tidy; .clang-tidy says what it holds.
TIDIED := $(foreach room,$(ROOMS),$(call objects,$(room)))
TIDIED := $(patsubst %.o,%.cpp,$(filter %/unit.o,$(TIDIED))) \
    $(patsubst $(OUT)/%.o,%.cpp,$(filter-out %/unit.o,$(TIDIED)))
tidy: $(filter %/unit.cpp,$(TIDIED))
	@clang-tidy --quiet $(TIDIED) -- -std=c++20 -I. -DREAL=$(REAL) -DBABELGRAD_SIMD=1 -fopenmp

# The site, under build/page, with the live page if make live has written it. The explorer's page
# is of a small model, trained in a few seconds.
EXPLORER := $(OUT)/explorer/attention.html
$(EXPLORER): $(PROGRAM)
	@$(PROGRAM) train --model transformer --hidden 64 --ffn 128 --heads 2 --layers 2 --dropout 0 \
	  --epochs 3 --pairs 12000 --max-length 8 --lr 0.002 --seed 0 --out $(OUT)/explorer --overwrite
	@$(PROGRAM) attend $(OUT)/explorer "the dog sleeps ." --html $@
page: $(EXPLORER)
	@$(PYTHON) -c "import markdown_it, pygments" 2>/dev/null || \
	  { echo "no markdown-it: apt-get install python3-markdown-it python3-pygments" >&2; exit 1; }
	@$(PYTHON) tools/dev/page.py build/page --explorer $(EXPLORER) --program $(PROGRAM) \
	  $(addprefix --live ,$(wildcard build/live/index.html))
	@$(PYTHON) tests/dev_page.py

# The story as lecture notes, a PDF of some ten pages: apt-get install chromium
notes:
	@command -v chromium >/dev/null || \
	  { echo "no chromium: apt-get install chromium" >&2; exit 1; }
	@$(PYTHON) tests/dev_notes.py && $(PYTHON) tools/dev/notes.py build/notes.html
	@chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer \
	  --print-to-pdf=build/notes.pdf build/notes.html 2>/dev/null
	@echo "build/notes.pdf"

# Models go to PyTorch and other engines, and come back; the engines are those of PyPI, in a virtual
# environment under build/. make doors DATA=folder DOORS="safetensors" VENV=folder
doors: export BABELGRAD := $(abspath $(PROGRAM))
doors: all
	@DATA="$(DATA)" DOORS="$(DOORS)" VENV="$(VENV)" $(PYTHON) tools/dev/doors.py

# The attention explorer and the tour in a real browser: apt-get install chromium chromium-driver
browser: all
	@command -v chromedriver >/dev/null || \
	  { echo "no chromedriver: apt-get install chromium chromium-driver" >&2; exit 1; }
	@BABELGRAD=$(PROGRAM) $(PYTHON) tests/browser.py

# The page with the three models in it, build/live/index.html, and its test in a real browser; what
# either needs is in tools/live/README.md. MODELS: the demo's, or others of the three kinds.
MODELS ?= runs/demo
live: $(PROGRAM)
	@$(MAKE) --no-print-directory -f tools/live/Makefile PROGRAM=$(PROGRAM) MODELS=$(MODELS)
live-test: live
	@command -v chromedriver >/dev/null || \
	  { echo "no chromedriver: apt-get install chromium chromium-driver" >&2; exit 1; }
	@BABELGRAD=$(PROGRAM) MODELS=$(MODELS) python3 tests/live.py

# The chapter's claims as experiments; lab-quick only tries each.

# The chapter's claims as experiments; lab-quick: one seed and a third of the training.
lab: all
	$(PROGRAM) lab all
lab-quick: all
	$(PROGRAM) lab all --quick --out build/lab-quick

demo: $(PROGRAM)
	@ln -sfn ../$(PROGRAM) build/babelgrad
	$(PROGRAM) demo

bench: all
	$(PROGRAM) bench

# The program, its pages and what bash completes; and the library for others to build upon, with
# all that a compiler must be told to see the types that it was built with. DESTDIR stands in no
# file: a package is made there and used without it. Blanks are fine in either.
TO       = $(DESTDIR)$(PREFIX)
INCLUDES = $(TO)/include/babelgrad
COMPLETE = $(TO)/share/bash-completion/completions
USE_FLAGS := $(filter -std=% -D% -march=% -fopenmp -fno-math-errno -fno-trapping-math \
    -ffp-contract=% -fsanitize=%,$(FLAGS))
define PC
prefix=$(PREFIX)
includedir=$${prefix}/include/babelgrad
libdir=$${prefix}/lib

Name: babelgrad
Description: tensors with autograd, and the translation models of Dive into Deep Learning
Version: 0.1
Cflags: -I"$${includedir}" $(USE_FLAGS)
Libs: -L"$${libdir}" -lbabelgrad $(filter -fopenmp -fsanitize=%,$(FLAGS)) $(LDFLAGS)
endef
export PC
install: all
	@install -d "$(TO)/bin" "$(TO)/lib/pkgconfig" "$(COMPLETE)"
	@install -m 755 $(PROGRAM) $(LAB_PROGRAM) "$(TO)/bin"
	@install -m 644 $(LIBRARY) "$(TO)/lib"
	@for room in $(LIBRARY_ROOMS); do \
	  install -d "$(INCLUDES)/$$room" && install -m 644 $$room/*.h "$(INCLUDES)/$$room" || exit 1; \
	done
	@test ! -f $(OUT)/include/babelgrad.h || \
	  install -m 644 $(OUT)/include/babelgrad.h "$(INCLUDES)"
	@printf '%s\n' "$$PC" > "$(TO)/lib/pkgconfig/babelgrad.pc"
	@chmod 644 "$(TO)/lib/pkgconfig/babelgrad.pc"
	@$(PROGRAM) manual --pages "$(TO)/share/man/man1"
	@$(PROGRAM) manual --completion > "$(COMPLETE)/babelgrad"
	@echo "babelgrad is in $(TO)"

# All that install puts there, and nothing else.
uninstall:
	@rm -f "$(TO)/bin/babelgrad" "$(TO)/bin/babelgrad-lab" "$(TO)/lib/libbabelgrad.a" \
	  "$(TO)/lib/pkgconfig/babelgrad.pc" "$(COMPLETE)/babelgrad" \
	  "$(TO)/share/man/man1/babelgrad.1" "$(TO)/share/man/man1"/babelgrad-*.1
	@rm -rf "$(INCLUDES)"

clean:
	rm -rf build

# One line for each thing that is missing, instead of a page of errors.
openmp = $(if $(findstring clang,$(CXX)),libomp-dev,libgomp1)
toolchain:
	@command -v $(firstword $(CXX)) >/dev/null || \
	  { echo "no $(firstword $(CXX)): apt-get install g++ (or set CXX=)" >&2; exit 1; }
ifneq ($(OPENMP),0)
	@echo 'int main() {}' | $(CXX) -fopenmp -x c++ - -o /dev/null 2>/dev/null || \
	  { echo "$(CXX) has no OpenMP: apt-get install $(openmp) (or make OPENMP=0)" >&2; exit 1; }
endif
doctest: toolchain
	@echo '#include <doctest/doctest.h>' | $(CXX) -x c++ -fsyntax-only - 2>/dev/null || \
	  { echo "no doctest: apt-get install doctest-dev" >&2; exit 1; }

.PHONY: all force test run-tests chapters golden run-golden aarch64 other-tensor-test \
    other-builds tensor-test sanitize tsan planted fuzz book maps ran book-runs run-ran style \
    claims tidy page notes browser lab lab-quick demo bench install clean toolchain doctest \
    mutants first-program blank check tasks workbook doors uninstall live live-test figures \
    figures-check
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
