"""What holds of the live page: the program's words, keys alone, nothing hostile, nothing sent."""
import os
import re
import statistics
import subprocess
import time

from browser_driver import ELEMENT, calm, expect, expect_equal

KINDS = ("rnn", "attention", "transformer")
TYPE = ("const input = document.getElementById('sentence'); input.value = arguments[0];"
        "input.dispatchEvent(new InputEvent('input', {bubbles: true}));")
COLUMNS = "return [...document.querySelectorAll('.column .said-words')].slice(0, 3)"
HOSTILE = (
    "</script><script>pwned=1</script>", "\"><img src=x onerror=pwned=1>", "<svg onload=pwned=1>",
    "' onmouseover='pwned=1", "</title><script>pwned=1</script>",
    "</style><script>pwned=1</script>",
    "<!--", "-->", "]]>", "\u2028\u2029", "\u202eevil\u202c", "\u200f\u05d0\u05d1", "&lt;b&gt;",
    "w" * 590, "javascript:pwned=1", "${pwned=1}", "<iframe srcdoc='<script>pwned=1</script>'>",
    "{{constructor.constructor('pwned=1')()}}", "\\u003cscript\\u003e", "\ud83d\ude00 \ud83d\udc69",
    "\0\x01\x02", "%3Cscript%3E", "the the the " * 40, "<unk> <pad> <bos> <eos>", "__proto__",
    "constructor toString", "a\u0301\u0327\u0301" * 50, "\u06f1\u06f2\u06f3",
    "NaN Infinity -0", "' \" ` \\")


def ready(browser, page, fragment=""):
    browser.open(page, fragment)
    for _ in range(300):
        if browser.run("return typeof page === 'object' && page.ready || 0"):
            return browser.run("return page.ready")
        time.sleep(0.1)
    raise RuntimeError("the page did not begin: " + str(browser.console()))


def until(browser, script, seconds, what):
    for _ in range(int(seconds * 4)):
        if browser.run(script):
            return
        time.sleep(0.25)
    raise AssertionError(f"{what}: not within {seconds} s")


def said(browser):
    return browser.run("return [0, 1, 2].map((model) => page.engine.ask({do: 'translate', model,"
                       " source: document.getElementById('sentence').value, align: false}).text)")


def shown(browser):
    """What stands in the columns, without what stands beside wrong words."""
    return browser.run(COLUMNS + ".map((p) => { const c = p.cloneNode(true); for (const small of "
                       "c.querySelectorAll('small')) small.remove();"
                       "return c.textContent.trim(); })")


def translated(live, kind, sentences):
    done = subprocess.run([live.program, "translate", os.path.join(live.folder, kind)], text=True,
                          input="\n".join(sentences) + "\n", capture_output=True, check=True)
    return done.stdout.splitlines()


def squeezed(text):                  # the page puts marks beside words; blanks may differ
    return re.sub(r"\s", "", text)


def the_words_are_the_programs(browser, live):
    ready(browser, live.page)
    sentences = live.held_out(200)
    wanted = {kind: translated(live, kind, sentences) for kind in KINDS}
    for i, sentence in enumerate(sentences):
        browser.run(TYPE, sentence)
        for kind, text in zip(KINDS, shown(browser)):
            expect_equal(squeezed(text), squeezed(wanted[kind][i]), kind, sentence)
    calm(browser)


def typed_by_keys_alone(browser, live):
    ready(browser, live.page)
    browser.run("document.getElementById('sentence').value = ''; "
                "document.getElementById('sentence').focus()")
    browser.keys(*"the do")
    expect(browser.run("return !document.getElementById('words').hidden"), "completions")
    browser.keys("ArrowDown", "Enter")
    typed = browser.run("return document.getElementById('sentence').value")
    expect(re.fullmatch(r"the do\w+ ", typed), "a completion is taken:", typed)
    browser.keys(*"zebra")
    expect("zebra" in browser.text("#unknown"), "unknown words are marked")
    browser.keys("Escape")
    calm(browser)


def everything_is_reached_by_tab(browser, live):
    ready(browser, live.page)
    browser.run("nextWord(); document.body.focus(); document.activeElement.blur();")
    wanted = set(browser.run(
        "return [...document.querySelectorAll("
        "'button, input, select, a[href], summary, [tabindex]')]"
        ".filter((e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0)"
        ".filter((e) => e.type !== 'radio' || e.checked)"
        ".map((e, i) => (e.dataset.stop = i, String(i)))"))
    met = set()
    for _ in range(len(wanted) + 25):
        browser.keys("Tab")
        stop = browser.run("return document.activeElement.dataset.stop ?? ''")
        expect(browser.run("return document.activeElement === document.body || "
                           "document.activeElement.matches(':focus-visible')"), "focus is seen")
        met.add(stop)
    expect(wanted <= met, "not reached:", sorted(wanted - met, key=int))
    calm(browser)


def a_step_by_space_and_arrows(browser, live):
    ready(browser, live.page)
    browser.run("document.getElementById('next').focus()")
    browser.keys(" ")
    expect(browser.text("#so-far").startswith("Word 1 of"), browser.text("#so-far"))
    browser.keys(" ")
    expect(browser.text("#so-far").startswith("Word 2 of"), browser.text("#so-far"))
    names = browser.run("return step.panels.map((p) => p.step.name)")
    for part in ("queries", "keys", "scores", "weights", "values", "context", "logits", "prob"):
        expect(any(part in name for name in names), part, "is not among", names)
    browser.run("cellsOf(panelOf(/scores/), 0, 0)[0].focus()")
    browser.keys("ArrowRight")
    lit = browser.run("return document.querySelectorAll('#stage .lit').length")
    expect(lit == 64, "a score lights its query and its key:", lit)
    told = browser.text("#cell")
    expect("Section" in told and re.search(r"\w+\.cpp:\d+", told), told)
    # The number told is the number shown.
    value, made = browser.run("const p = panelOf(/scores/); return [p.rows[0][1], "
                              "origin(p, 0, 1)[0]]")
    expect(f"{value:.3f}".replace("-", "\u2212") in made, value, made)
    for model in (0, 1):
        browser.run("const s = document.getElementById('step-model'); s.value = arguments[0];"
                    "s.dispatchEvent(new Event('change'))", model)
        expect(browser.run("return step.panels.length") >= 7, "panels of", KINDS[model])
        browser.run("for (const cell of document.querySelectorAll('#stage [data-panel]')) "
                    "if (cell.dataset.column < 2) point(cell)")
    calm(browser)


def composing_is_left_alone(browser, live):
    ready(browser, live.page)
    before = shown(browser)
    browser.run("const e = document.getElementById('sentence'); e.focus();"
                "e.dispatchEvent(new CompositionEvent('compositionstart'));" + TYPE +
                "e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true,"
                "bubbles: true}))", "the c")
    expect_equal(shown(browser), before, "while composing")
    browser.run("document.getElementById('sentence').dispatchEvent("
                "new CompositionEvent('compositionend'))")
    expect(shown(browser) != before, "what is committed is translated")


def hostile_sentences_are_only_words(browser, live):
    ready(browser, live.page)
    expect_equal(len(HOSTILE), 30)
    for sentence in HOSTILE:
        browser.run(TYPE, sentence)
        browser.run("showBeam(); showDrawn(); showBroken(); if (page.sentence.trim()) walkAnew();")
        expect_equal(browser.run("return typeof pwned"), "undefined", sentence)
        expect_equal(browser.count("img, iframe, main svg[onload], main script"), 0, sentence)
    ready(browser, live.page, "#s=%3Cimg%20src%3Dx%20onerror%3Dpwned%3D1%3E")
    expect_equal(browser.run("return typeof pwned"), "undefined")
    ready(browser, live.page, "#s=%E0%A4%A")     # no UTF-8
    ran = browser.run("const s = document.createElement('script'); s.textContent = 'ran = 1';"
                      "document.body.append(s); return typeof ran")
    expect_equal(ran, "undefined", "the policy forbids other scripts:")
    expect([line for line in browser.console() if "Content Security Policy" not in line] == [],
           "nothing else in the console")


def nothing_is_asked_of_anyone(browser, live):
    ready(browser, live.page)
    browser.run("drawSentence(12); nextWord(); makeLink()")
    asked = [url for url in browser.requests() if not url.startswith("blob:")]
    expect_equal([url.split("#")[0] for url in asked], ["file://" + os.path.abspath(live.page)])
    expect("#s=" in browser.run("return location.href"), "the link is in the address")
    calm(browser)


def links_carry_the_sentence(browser, live):
    ready(browser, live.page, "#s=the%20dog%20sleeps.")
    expect_equal(browser.run("return document.getElementById('sentence').value"), "the dog sleeps.")
    browser.run(TYPE, "the cat sleeps.")
    expect("dog" in browser.run("return location.hash"), "typing leaves the address alone")


def beam_is_the_programs(browser, live):
    ready(browser, live.page)
    for sentence in live.held_out(12):
        browser.run(TYPE, sentence)
        browser.run("document.getElementById('width').value = 4; showBeam()")
        done = subprocess.run(
            [live.program, "translate", os.path.join(live.folder, "transformer"), "--beam", "4",
             "--n-best", "4"], input=sentence + "\n", text=True, capture_output=True, check=True)
        wanted = [line.split(" ||| ")[1] for line in done.stdout.splitlines()]
        expect_equal(browser.run("return page.found.map((f) => f.text)"), wanted, sentence)
    expect(browser.count(".tree .fate-kept") > 4 and browser.count(".tree .fate-ended") > 0 and
           browser.count(".tree .fate-dropped") > 4, "kept, ended and dropped")
    calm(browser)


def parts_are_taken_away(browser, live):
    ready(browser, live.page)
    texts = {}
    browser.run("drawSentence(10); chooseBroken(brokenParts[0])")
    for part in ("whole", "mask", "still", "scaling", "residual", "head"):
        browser.click(f"input[name=part][value={part}]")
        texts[part] = browser.run("return document.querySelector('#broken').lastChild.innerText")
    expect(squeezed(texts["whole"].split("\n")[1])[:9] in squeezed(texts["mask"]), texts)
    right = {part: int(re.search(r"(\d+) of 40", text)[1]) for part, text in texts.items()}
    expect(right["whole"] > 30 and right["still"] < 20 and right["residual"] < 5, right)
    loss = {part: float(re.search(r"([\d.]+) nats", text)[1]) for part, text in texts.items()
            if "nats" in text}
    expect(loss["mask"] > loss["whole"] + 0.5, loss)
    calm(browser)


def an_error_is_told_and_forgotten(browser, live):
    ready(browser, live.page)
    before = said(browser)
    told = browser.run("try { page.engine.ask({do: 'translate', model: 9, source: 'x',"
                       "align: false}); return '' } catch (error) { return error.message }")
    expect("no model in seat 9" in told, told)
    expect_equal(said(browser), before, "the next instance has the same models")
    expect(browser.run("return page.engine.dig(900)") is not None, "a deep stack has room")
    expect(browser.run("try { page.engine.dig(1100); return false } catch { return true }"),
           "a deeper one traps")
    expect_equal(said(browser), before, "and nothing is written over")
    browser.run(TYPE, "the dog sleeps " * 20)    # memory grows
    expect(all(said(browser)), "views are made anew")
    opened = browser.run("try { page.engine.load(3, new Uint8Array(100)); return '' } "
                         "catch (error) { return error.message }")
    expect("safetensors" in opened, opened)


def light_and_dark_narrow_and_wide(browser, live):
    seen = "const c = (e) => getComputedStyle(document.querySelector(e));" \
           "return [c('html').backgroundColor, c('body').color].map((x) => " \
           "x.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3)"
    ready(browser, live.page)
    browser.run("nextWord(); measureLengths()")
    for scheme, medium, light in (("light", "", True), ("dark", "", False),
                                  ("dark", "print", True)):
        browser.media(medium, scheme)
        paper, ink = browser.run(seen)
        expect((paper > 230 and ink < 60) if light else (paper < 50 and ink > 200), scheme, medium)
    browser.media()
    for width in (400, 700, 1300, 2000):
        browser.width(width)
        over = browser.run("const e = document.documentElement;"
                           "return e.scrollWidth - e.clientWidth")
        expect(over <= 0, width, "pixels, too wide by", over)
    calm(browser)


def one_polite_region(browser, live):
    ready(browser, live.page)
    expect_equal(browser.count("[aria-live], [role=status], [role=alert]"), 1)
    browser.run(TYPE, "the dog sleeps.")
    until(browser, "return document.getElementById('said').textContent.includes('One vector')", 8,
          "an announcement")
    first = browser.run("return document.getElementById('said').textContent")
    browser.run(TYPE, "the dog sleeps.")
    until(browser, f"return document.getElementById('said').textContent !== {first!r}", 8,
          "the same said again")
    controls = browser.post("/elements", using="css selector",
                            value="main button, main input, main select")
    names = [browser.get(f"/element/{e[ELEMENT]}/computedlabel") for e in controls
             if browser.run("return arguments[0].checkVisibility()", e)]
    expect(all(names), "every control has a name:", names)


def without_scripts_it_says_what_would_be(browser, live):
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(live.page)
        visible = "return [...document.querySelectorAll(arguments[0])]" \
                  ".filter((e) => e.checkVisibility()).length"
        expect_equal(browser.run(visible, "main > section"), 8)
        expect_equal(browser.run(visible, ".live"), 0)
        expect(browser.run(visible, ".still") >= 7, "what would be there")
        expect_equal(browser.run(visible, ".still dd"), 3)
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)


def a_training_ends_well(browser, live):
    ready(browser, live.page)
    browser.run("document.getElementById('updates').value = '350'; begin()")
    deadline, most = time.time() + live.patience, 0
    while time.time() < deadline and not browser.run("return page.trained"):
        most = max(most, browser.run("return page.engine.memory + lessons.reduce((sum, l) => "
                                     "sum + (l.memory ?? 0), 0)"))
        time.sleep(1)
    expect(browser.run("return page.trained"), "it ended")
    told = browser.run("return lessons.map((l) => ({loss: l.told.loss, right: l.score.right / "
                       "l.score.count, late: l.paces.slice(-20), early: l.paces.slice(5, 25)}))")
    print("trained:", [(kind, round(it["loss"], 3), it["right"]) for kind, it in zip(KINDS, told)],
          f"{most / 2**20:.0f} MiB of WebAssembly")
    print("ms for 1,000 tokens, at the beginning and at the end:",
          [(kind, *(round(1000 * statistics.median(it[when]), 1) for when in ("early", "late")))
           for kind, it in zip(KINDS, told)])
    expect(told[2]["loss"] < 0.5 and told[2]["right"] > 0.5, "the Transformer learnt:", told[2])
    expect(most < 300 * 2**20, "memory:", most)
    expect(browser.run("return page.whose === 'own' && page.own.every(Boolean)"), "and is used")
    # The model file is one for the program, and for the page.
    data = browser.run("let s = ''; for (const b of lessons[2].bytes) s += String.fromCharCode(b);"
                       "return btoa(s)")
    sentences = live.held_out(20)
    wanted = live.translate_bytes(data, sentences)
    for sentence, text in zip(sentences, wanted):
        browser.run(TYPE, sentence)
        expect_equal(squeezed(shown(browser)[2]), squeezed(text), sentence)
    browser.run("takeOwn(2, lessons[2].bytes)")
    expect_equal([url for url in browser.requests() if not url.startswith(("blob:", "file:"))], [])
    calm(browser)


def fast_enough(browser, live):
    """Measured, and told; a clock decides nothing unless LIVE_CLOCK is set."""
    begun = ready(browser, live.page)
    time.sleep(2)
    spent = []
    for sentence in live.held_out(400, words=12)[:20]:
        browser.run(TYPE, sentence)
        spent.append(browser.run("return page.spent"))
    spent.sort()
    print(f"ready after {begun:.0f} ms; three translations of 12 words: median "
          f"{spent[len(spent) // 2]:.1f} ms, most {spent[-1]:.1f} ms")
    if os.environ.get("LIVE_CLOCK"):
        expect(begun < 1000 and spent[len(spent) // 2] < 50, "too slow")


CASES = (the_words_are_the_programs, typed_by_keys_alone, everything_is_reached_by_tab,
         a_step_by_space_and_arrows, composing_is_left_alone, hostile_sentences_are_only_words,
         nothing_is_asked_of_anyone, links_carry_the_sentence, beam_is_the_programs,
         parts_are_taken_away, an_error_is_told_and_forgotten, light_and_dark_narrow_and_wide,
         one_polite_region, without_scripts_it_says_what_would_be, fast_enough,
         a_training_ends_well)
