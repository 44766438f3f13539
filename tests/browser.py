#!/usr/bin/env python3
"""The attention explorer and the tour as a reader meets them: real clicks, hovers and keys in
headless Chromium.

Needs Debian's chromium and chromium-driver, and for the tour what make page needs; BABELGRAD names
the program. An argument runs only the cases whose name holds it. Ends with the line doctest would
print, so that who counts one counts the other.
"""
import sys

sys.dont_write_bytecode = True       # no folder of bytecode among the tests

import browser_looking
import browser_page
import browser_tour
from browser_driver import Pages, run_cases

CASES = browser_looking.CASES + browser_page.CASES + browser_tour.CASES


if __name__ == "__main__":
    sys.exit(run_cases(CASES, Pages))
