"""The page as a whole: hypotheses, light, dark and print, no scripts, hostile words, access."""
import base64
import os

from browser_driver import (ELEMENT, calm, expect, expect_equal, expect_map, lit_cells)


def hypotheses_can_be_ordered(browser, pages):
    browser.open(pages.make("transformer", "the cat sees it .", "--beam", "7"))
    column = "return [...document.querySelectorAll('.hypotheses td:nth-child(' + arguments[0] + " \
             "')')].map((td) => td.textContent.replace('−', '-'))"
    expect_equal(browser.run(column, 1), [str(i + 1) for i in range(7)])
    expect(set(browser.run(column, 7)) <= {"finished", "cut"})
    for place in (3, 4, 6):
        browser.click(f".hypotheses th:nth-child({place}) button")
        found = [float(text) for text in browser.run(column, place)]
        expect_equal(found, sorted(found, reverse=True), "column", place)
        expect_equal(browser.count("th[aria-sort=descending]"), 1)
    browser.run("document.querySelector('.hypotheses button').focus()")
    browser.keys("Enter")
    expect_equal(browser.run(column, 1), [str(i + 1) for i in range(7)])
    calm(browser)


def the_dark_page_is_dark_and_paper_is_not(browser, pages):
    browser.open(pages.make())
    seen = "const of = (e) => getComputedStyle(document.querySelector(e));" \
           "return [of('html').backgroundColor, of('body').color, of('.ramp .w0').fill," \
           " of('.ramp .w32').fill].map((c) => c.match(/\\d+/g).reduce((a, b) => a + +b, 0) / 3)"
    browser.media("", "light")
    paper, ink, none, most = browser.run(seen)
    expect(paper > 240 and ink < 60 and none > 230 and most < 60, paper, ink, none, most)
    browser.media("", "dark")
    paper, ink, none, most = browser.run(seen)
    expect(paper < 40 and ink > 200 and none < 60 and most > 220, paper, ink, none, most)
    browser.media("print", "dark")
    paper, ink, none, most = browser.run(seen)
    expect(paper > 240 and ink < 60 and none > 230 and most < 60, "printed:", paper, ink)
    calm(browser)


def print_shows_every_section(browser, pages):
    browser.open(pages.make())
    browser.media("print")
    visible = "return [...document.querySelectorAll(arguments[0])].map((e) => e.checkVisibility())"
    expect_equal(browser.run(visible, ".panel, .panel h2"), [True] * 6)
    expect_equal(browser.run(visible, ".tabs"), [False])
    browser.media()
    pdf = base64.b64decode(browser.post("/print"))
    expect(pdf.startswith(b"%PDF-") and len(pdf) > 10000, "a page of", len(pdf), "bytes")


def without_scripts_everything_is_there(browser, pages):
    page = pages.make("transformer", "the cat sees it .", "--gold", "0-0 1?1")
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        expect_equal(browser.count(".scripted, [role=tab], [hidden], button"), 0)
        visible = "return [...document.querySelectorAll(arguments[0])]" \
                  ".filter((e) => e.checkVisibility()).length"
        for selector, wanted in ((".panel", 3), (".panel h2", 3), (".map", 3), (".small", 18),
                                 (".words", 6), (".hypotheses tbody tr", 5), (".gold.sure", 2),
                                 ("#cross .cell", 36), ("#cross .map .row", 6)):
            expect_equal(browser.run(visible, selector), wanted, selector)
        expect_equal(browser.text("#cross .keys").split(), "the cat sees it . <eos>".split())
        expect_map(browser, 1, -1)
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)


HOSTILE = ("</script><script>pwned=1</script>", "\"><img/src=x/onerror=pwned=1>", "]]>",
           "<svg/onload=pwned=1>", "'onmouseover='pwned=1", "</title><script>pwned=1</script>",
           "</style><script>pwned=1</script>", "<!--", "-->", "\u2028", "\u202eevil\u202c",
           "\u200f\u05d0\u05d1", "&lt;b&gt;", "w" * 3000, "javascript:pwned=1", "${pwned=1}",
           "<iframe/srcdoc=<script>pwned=1</script>>")


def hostile_words_are_only_words(browser, pages):
    for model in ("transformer", "rnn"):
        browser.open(pages.make(model, " ".join(HOSTILE), target=" ".join(reversed(HOSTILE))))
        expect_equal(browser.run("return typeof pwned"), "undefined")
        expect_equal(browser.count("img, iframe, svg[onload], body script:not(#data)"), 1)
        if model == "transformer":
            for word in range(1, len(HOSTILE) + 1):
                browser.hover(f"#cross .queries .word:nth-child({word})")
            texts = browser.run("return [...document.querySelectorAll('#cross .keys bdi')]"
                                ".map((b) => b.textContent)")
            for word in HOSTILE[:7] + HOSTILE[12:14]:
                expect(word in texts, word[:40])
        expect_equal(browser.run("return typeof pwned"), "undefined")
        calm(browser)


def nothing_is_asked_of_anyone(browser, pages):
    for model in ("transformer", "attention", "rnn"):
        page = pages.make(model)
        browser.open(page)
        if model != "rnn":
            browser.hover("#cross .queries .word:nth-child(2)")
        expect_equal(browser.run("return performance.getEntriesByType('resource').length"), 0)
        expect_equal(browser.requests(), ["file://" + os.path.abspath(page)])
        ran = browser.run("const s = document.createElement('script'); s.textContent = 'ran = 1';"
                          "document.body.append(s); return typeof ran")
        expect_equal(ran, "undefined", "the policy forbids other scripts:")
        style = browser.run("const p = document.createElement('p'); document.body.append(p);"
                            "p.setAttribute('style', 'color: rgb(1, 2, 3)');"
                            "return getComputedStyle(p).color")
        expect(style != "rgb(1, 2, 3)", "the policy forbids style attributes")


def a_model_without_attention_says_so(browser, pages):
    browser.open(pages.make("rnn"))
    expect_equal(browser.text(".none h2"), "No attention")
    expect_equal((browser.count(".panel"), browser.count(".hypotheses tbody tr")), (1, 5))
    expect_equal((browser.count("#occlusion .cell"), browser.count(".pick")), (25, 0))
    browser.hover("#occlusion .queries .word:nth-child(2)")
    expect("depends on" in browser.text("#occlusion .readout"), browser.text(".readout"))
    browser.click(".hypotheses th:nth-child(4) button")
    expect_equal(browser.count("th[aria-sort=descending]"), 1)
    calm(browser)


def one_head_needs_no_tabs(browser, pages):
    browser.open(pages.make("attention"))
    expect_equal((browser.count(".panel"), browser.count(".tabs"), browser.count(".pick")),
                 (1, 0, 1))
    expect_map(browser, 0, 0)
    browser.hover("#cross .queries .word:nth-child(1)")
    expect_equal(lit_cells(browser), [0, 1, 2, 3, 4, 5])
    calm(browser)


def everything_that_takes_the_focus_has_a_role_and_a_name(browser, pages):
    browser.width(400)
    browser.open(pages.make())
    elements = browser.post("/elements", using="css selector", value="[tabindex], button, a")
    expect(len(elements) > 40, len(elements))
    roles = set()
    for element in elements:
        at = "/element/" + element[ELEMENT]
        if browser.run("return arguments[0].checkVisibility()", element):
            roles.add(browser.get(at + "/computedrole"))
            expect(browser.get(at + "/computedlabel"), browser.get(at + "/name"))
    expect_equal(roles, {"tab", "button", "group"})


def a_narrow_page_never_scrolls_sideways(browser, pages):
    overflow = "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
    for sentence, target in (("the cat sees it .", "le chat le voit ."),
                             (" ".join(["cat"] * 40), " ".join(["chat"] * 40)),
                             ("w" * 400, "v" * 400)):
        page = pages.make("transformer", sentence, target=target)
        for width in (320, 400, 1200):
            browser.width(width)
            browser.open(page)
            expect(browser.run(overflow) <= 0, width, "pixels, too wide by", browser.run(overflow))


CASES = (hypotheses_can_be_ordered, the_dark_page_is_dark_and_paper_is_not,
         print_shows_every_section, without_scripts_everything_is_there,
         hostile_words_are_only_words, nothing_is_asked_of_anyone,
         a_model_without_attention_says_so, one_head_needs_no_tabs,
         everything_that_takes_the_focus_has_a_role_and_a_name,
         a_narrow_page_never_scrolls_sideways)
