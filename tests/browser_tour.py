"""The tour that make page writes: from stop to stop by buttons, keys and address, or without a
script all of it. Needs what page.py needs."""
import os
import sys

from browser_driver import calm, expect, expect_equal

DEV = os.path.join(os.path.dirname(__file__), "..", "tools", "dev")
SHOWN = "return [...document.querySelectorAll('.stop')].flatMap((stop, i) => " \
        "stop.checkVisibility() ? [i + 1] : [])"
ALL = list(range(1, 13))


def tour_of(pages):
    """Written once, by the program under test."""
    site = os.path.join(pages.folder, "site")
    if not os.path.exists(site):
        sys.path.insert(0, DEV)
        import page
        expect_equal(page.main([site, "--root", os.path.join(DEV, "../.."), "--program",
                                pages.program]), False)
    return os.path.join(site, "models", "TOUR.html")


def the_tour_goes_on_by_buttons_and_keys(browser, pages):
    browser.open(tour_of(pages))
    expect_equal(browser.run(SHOWN), [1])
    browser.keys("ArrowLeft")                    # there is nothing before the first
    browser.click(".stops button:nth-of-type(2)")
    expect_equal(browser.run(SHOWN), [2])
    browser.keys("ArrowRight", "ArrowRight", "ArrowLeft")
    expect_equal(browser.run(SHOWN), [3])
    expect_equal(browser.text(".stops span"), "3 of 12")
    browser.open(tour_of(pages), browser.run("return location.hash"))
    expect_equal(browser.run(SHOWN), [3])
    browser.click(".stops button:nth-of-type(3)")
    expect_equal(browser.run(SHOWN), ALL)
    browser.click(".stops button:nth-of-type(3)")
    browser.keys(*["ArrowRight"] * 12)
    expect_equal(browser.run(SHOWN), [12])
    expect_equal(browser.run("return [...document.querySelectorAll('.stops button')]"
                             ".map((b) => b.disabled)"), [False, True, False])
    calm(browser)


def the_tour_without_a_script_and_on_paper_is_one_page(browser, pages):
    browser.open(tour_of(pages))
    browser.media("print")
    expect_equal(browser.run(SHOWN), ALL)
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(tour_of(pages))
        expect_equal((browser.run(SHOWN), browser.count(".stops")), (ALL, 0))
        expect_equal(browser.run("return [...document.querySelectorAll('.stop')]"
                                 ".filter((stop) => /\\d\\.\\d{3}/.test(stop.textContent)).length"),
                     10, "stops with numbers:")    # all but the ids and the loss
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)
    calm(browser)


def the_tour_never_scrolls_sideways(browser, pages):
    for width in (320, 400, 1200):
        browser.width(width)
        browser.open(tour_of(pages))
        for stop in ALL:
            fits = browser.run("const e = document.documentElement;"
                               "return e.scrollWidth <= e.clientWidth")
            expect(fits, width, "pixels, stop", stop)
            browser.keys("ArrowRight")


CASES = (the_tour_goes_on_by_buttons_and_keys, the_tour_without_a_script_and_on_paper_is_one_page,
         the_tour_never_scrolls_sideways)
