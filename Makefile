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
CXXFLAGS ?= -O1
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
APP   := tools/app $(addprefix tools/app/,cli run view explain graph report bench)
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

# No -ffast-math: it makes isnan() false and reorders sums. Products and sums may fuse (one rounding
# instead of two); that depends on the machine, never on the number of threads.
FLAGS := -std=c++20 -Wall -Wextra -Wpedantic -fno-math-errno -fno-trapping-math -ffp-contract=fast
FLAGS += $(if $(findstring clang,$(CXX)),-Wshadow,-Wshadow=local)
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
CHAPTER := $(OUT)/tests/chapters
MAIN    := $(patsubst %.cpp,$(OUT)/%.o,$(filter %/main.cpp,$(ALONE)))
TESTS   := $(foreach room,$(ROOMS),$(OUT)/tests/$(room)_test)
# The objects of a room and of those below it.
linked   = $(filter-out $(MAIN),$(foreach room,$(ROOMS_$(1)),$(call objects,$(room))))

all: $(PROGRAM) $(LAB_PROGRAM)
	@ln -sfn ../$(PROGRAM) build/babelgrad
	@ln -sfn ../$(LIBRARY) build/libbabelgrad.a

$(LIBRARY): $(foreach room,$(LIBRARY_ROOMS),$(call objects,$(room)))
	@echo "  $@"
	@rm -f $@ && $(AR) rcs $@ $^
$(PROGRAM): $(call units,$(APP)) $(LIBRARY)
$(LAB_PROGRAM): $(call units,$(LAB)) $(filter-out $(MAIN),$(call units,$(APP))) $(LIBRARY)
$(PROGRAM) $(LAB_PROGRAM):
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) $^ -o $@ $(LDFLAGS)

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
ifeq ($(DEBUG)$(SANITIZE),0)
# Where the loops over numbers are.
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
CHAPTERS := $(patsubst %.md,%,$(wildcard README.md $(addsuffix /README.md,$(ROOMS))))
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
room_of = $(or $(patsubst %/,%,$(filter-out ./,$(dir $(1)))),tools)
$(foreach chapter,$(CHAPTERS),$(eval $(call chapter_rule,$(chapter),$(call room_of,$(chapter)))))

# The whole suite, in float and in double: gradients are proved in double, and both are shipped.
test: | doctest
	@$(MAKE) --no-print-directory run-tests REAL=float
	@$(MAKE) --no-print-directory chapters REAL=float
	@$(MAKE) --no-print-directory run-tests REAL=double
	@$(MAKE) --no-print-directory chapters REAL=double

run-tests: $(TESTS) $(PROGRAM) $(LAB_PROGRAM) | doctest
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

style:
	@$(PYTHON) tools/dev/style.py && $(PYTHON) tests/dev_style.py && $(PYTHON) tests/dev_mutants.py
claims:
	@$(PYTHON) tools/dev/claims.py && $(PYTHON) tests/dev_claims.py
# Small faults planted one at a time, and whether the tests notice: hours, and goes on where it was
# stopped. make mutants COUNT=20 SEED=7
COUNT ?= 200
SEED  ?= 1
mutants: | doctest
	@$(PYTHON) tools/dev/mutants.py --count $(COUNT) --seed $(SEED)
# A minute and a half, and needs clang-tidy; .clang-tidy says what it holds.
TIDIED := $(foreach room,$(ROOMS),$(call objects,$(room)))
TIDIED := $(patsubst %.o,%.cpp,$(filter %/unit.o,$(TIDIED))) \
    $(patsubst $(OUT)/%.o,%.cpp,$(filter-out %/unit.o,$(TIDIED)))
tidy: $(filter %/unit.cpp,$(TIDIED))
	@clang-tidy --quiet $(TIDIED) -- -std=c++20 -I. -DREAL=$(REAL) -DBABELGRAD_SIMD=1 -fopenmp

# The site, under build/page. The explorer's page is of a small model, trained in a few seconds.
EXPLORER := $(OUT)/explorer/attention.html
$(EXPLORER): $(PROGRAM)
	@$(PROGRAM) train --model transformer --hidden 64 --ffn 128 --heads 2 --layers 2 --dropout 0 \
	  --epochs 3 --pairs 12000 --max-length 8 --lr 0.002 --seed 0 --out $(OUT)/explorer --overwrite
	@$(PROGRAM) attend $(OUT)/explorer "the dog sleeps ." --html $@
page: $(EXPLORER)
	@$(PYTHON) -c "import markdown_it, pygments" 2>/dev/null || \
	  { echo "no markdown-it: apt-get install python3-markdown-it python3-pygments" >&2; exit 1; }
	@$(PYTHON) tools/dev/page.py build/page --explorer $(EXPLORER)
	@$(PYTHON) tests/dev_page.py

# The attention explorer in a real browser: apt-get install chromium chromium-driver
browser: all
	@command -v chromedriver >/dev/null || \
	  { echo "no chromedriver: apt-get install chromium chromium-driver" >&2; exit 1; }
	@BABELGRAD=$(PROGRAM) python3 tests/browser.py

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

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAM) $(LAB_PROGRAM) $(DESTDIR)$(PREFIX)/bin

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
    claims tidy page browser lab lab-quick demo bench install clean toolchain doctest \
    mutants
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
