// babelgrad-lab, which `babelgrad lab` starts: a program of its own, so that the other one is built
// without the experiments.
#include "tools/app/cli/guarded.h"
#include "tools/lab/lab.h"

int main(int argc, char** argv) {
  return babelgrad::program([=] { return babelgrad::lab::lab_command(argc, argv); });
}
