#!/usr/bin/env python3
"""The attention explorer as a reader meets it: real clicks, hovers and keys in headless Chromium.

Needs Debian's chromium and chromium-driver, nothing else; BABELGRAD names the program. An argument
runs only the cases whose name holds it. Ends with the line doctest would print, so that who counts
one counts the other.
"""
import sys

sys.dont_write_bytecode = True       # no folder of bytecode among the tests

import browser_looking
import browser_page
from browser_driver import Pages, run_cases

CASES = browser_looking.CASES + browser_page.CASES


if __name__ == "__main__":
    sys.exit(run_cases(CASES, Pages))
