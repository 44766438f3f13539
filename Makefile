# babelgrad: make, make test, make demo. See README.md.
REAL     ?= float
ARCH     ?= native
SIMD     ?= 1
OPENMP   ?= 1
DEBUG    ?= 0
SANITIZE ?=
PREFIX   ?= /usr/local
CXXFLAGS ?= -O1
ifeq ($(origin CXX),default)
CXX := g++
endif
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
endif

# The rooms in the order of learning: a room uses those listed beside it, and its tests link nothing else.
ROOMS          := tensor autograd nn models data tools
ROOMS_tensor   := tensor
ROOMS_autograd := tensor autograd
ROOMS_nn       := tensor autograd nn
ROOMS_models   := tensor autograd nn models
ROOMS_data     := tensor data
ROOMS_tools    := tensor autograd nn models data tools

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

# No -ffast-math: it makes isnan() false and reorders sums. Products and sums may fuse (one rounding
# instead of two); that depends on the machine, never on the number of threads.
FLAGS := -std=c++20 -Wall -Wextra -Wpedantic -fno-math-errno -fno-trapping-math -ffp-contract=fast
FLAGS += $(if $(findstring clang,$(CXX)),-Wshadow,-Wshadow=local)
FLAGS += -I. -DREAL=$(REAL) -MMD -MP
ifneq ($(ARCH),)
FLAGS += -march=$(ARCH)
endif
ifeq ($(SIMD),0)
FLAGS += -DBABELGRAD_SIMD=0
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

objects  = $(patsubst %.cpp,$(OUT)/%.o,$(sort $(wildcard $(1)/*.cpp)))
PROGRAM := $(OUT)/babelgrad
MAIN    := $(OUT)/tools/main.o
TESTS   := $(foreach room,$(ROOMS),$(OUT)/tests/$(room)_test)

all: $(PROGRAM)
	@ln -sfn ../$(PROGRAM) build/babelgrad

$(PROGRAM): $(foreach room,$(ROOMS),$(call objects,$(room)))
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) $^ -o $@ $(LDFLAGS)

$(OUT)/%.o: %.cpp Makefile | toolchain
	@mkdir -p $(dir $@)
	@echo "  $@"
	@$(CXX) $(CXXFLAGS) $(FLAGS) -c $< -o $@

$(OUT)/tensor/random.o: FLAGS += -ffp-contract=off   # the same numbers on every machine
ifeq ($(DEBUG)$(SANITIZE),0)
$(OUT)/tensor/%.o $(OUT)/autograd/%.o $(OUT)/nn/optim.o $(OUT)/tools/bench_machine.o: FLAGS += -O3   # where the loops over numbers are
endif

# tests/ROOM_*.cpp test a room and link that room and those below it.
define test_rule
$(OUT)/tests/$(1)_test: $(OUT)/tests/main.o $$(patsubst %.cpp,$(OUT)/%.o,$$(sort $$(wildcard tests/$(1)_*.cpp))) $$(filter-out $(MAIN),$$(foreach room,$(ROOMS_$(1)),$$(call objects,$$(room))))
	@echo "  $$@"
	@$$(CXX) $$(CXXFLAGS) $$(FLAGS) $$^ -o $$@ $$(LDFLAGS)
endef
$(foreach room,$(ROOMS),$(eval $(call test_rule,$(room))))

# The whole suite, in float and in double: gradients are proved in double, and both are shipped.
test: | doctest
	@$(MAKE) --no-print-directory run-tests REAL=float
	@$(MAKE) --no-print-directory run-tests REAL=double

run-tests: $(TESTS) $(PROGRAM) | doctest
	@for t in $(TESTS); do echo "$(REAL) $$(basename $$t)"; BABELGRAD=$(PROGRAM) $$t --no-intro || exit 1; done

# Any other folder of reference numbers in the form of tests/golden: make golden GOLDEN=folder
GOLDEN ?= tests/golden
golden: | doctest
	@$(MAKE) --no-print-directory run-golden REAL=float
	@$(MAKE) --no-print-directory run-golden REAL=double
run-golden: $(OUT)/tests/nn_test $(OUT)/tests/models_test
	@for t in $^; do GOLDEN=$(GOLDEN) $$t --no-intro -tc="golden*" || exit 1; done

demo: all
	$(PROGRAM) demo

bench: all
	$(PROGRAM) bench

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/babelgrad

clean:
	rm -rf build

# One line for each thing that is missing, instead of a page of errors.
toolchain:
	@command -v $(firstword $(CXX)) >/dev/null || { echo "no $(firstword $(CXX)): apt-get install g++ (or set CXX=)" >&2; exit 1; }
ifneq ($(OPENMP),0)
	@echo 'int main() {}' | $(CXX) -fopenmp -x c++ - -o /dev/null 2>/dev/null || { echo "$(CXX) has no OpenMP: apt-get install $(if $(findstring clang,$(CXX)),libomp-dev,libgomp1) (or make OPENMP=0)" >&2; exit 1; }
endif
doctest: toolchain
	@echo '#include <doctest/doctest.h>' | $(CXX) -x c++ -fsyntax-only - 2>/dev/null || { echo "no doctest: apt-get install doctest-dev" >&2; exit 1; }

.PHONY: all test run-tests golden run-golden demo bench install clean toolchain doctest
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
