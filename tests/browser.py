#!/usr/bin/env python3
"""The attention explorer as a reader meets it: real clicks, hovers and keys in headless Chromium.

Needs Debian's chromium and chromium-driver, nothing else; BABELGRAD names the program. An argument
runs only the cases whose name holds it. Ends with the line doctest would print, so that who counts
one counts the other.
"""
import sys
import tempfile

sys.dont_write_bytecode = True       # no folder of bytecode among the tests

import browser_looking
import browser_page
from browser_driver import Browser, Pages

CASES = browser_looking.CASES + browser_page.CASES


def main():
    wanted = [case for case in CASES if not sys.argv[1:] or sys.argv[1] in case.__name__]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="babelgrad-browser-") as folder:
        pages, browser = Pages(folder), Browser(folder)
        try:
            for case in wanted:
                browser.width(1200)
                browser.media()
                try:
                    case(browser, pages)
                except (AssertionError, RuntimeError) as error:
                    failed += 1
                    print(f"{case.__name__}: {error}")
        finally:
            browser.close()
    print(f"[doctest] test cases: {len(wanted)} | {len(wanted) - failed} passed | {failed} failed"
          " | 0 skipped")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
