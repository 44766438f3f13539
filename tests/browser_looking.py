"""Words, cells, layers, heads, kinds of attention, gold links: what is lit, with which numbers."""
from browser_driver import (calm, expect, expect_equal, expect_map, lit_cells, weights)


def hovering_a_target_word_lights_its_row(browser, pages):
    browser.open(pages.make())
    browser.hover("#cross .queries .word:nth-child(2)")
    expect_equal(lit_cells(browser), [6, 7, 8, 9, 10, 11], "cells of row 2:")
    found = browser.run("return [...document.querySelectorAll('#cross .keys .value')]"
                        ".map((v) => [Number(v.textContent), v.className])")
    row = weights(browser, 1, -1)[6:12]
    for (number, classes), weight in zip(found, row, strict=True):
        expect(abs(number - weight) < 0.00501, "number under a source word:", number, weight)
        expect(not number or f"w{int(weight * 32 + 0.5)}" in classes, classes, weight)
    readout = browser.text("#cross .readout")
    expect(readout.startswith("“chat” looks at: "), readout)
    expect_equal(browser.count("#cross .map .row.hot"), 1)
    browser.hover("h1")
    expect_equal(lit_cells(browser), [], "after leaving:")
    calm(browser)


def hovering_a_source_word_lights_its_column(browser, pages):
    browser.open(pages.make())
    browser.hover("#cross .keys .word:nth-child(3)")
    expect_equal(lit_cells(browser), [2, 8, 14, 20, 26, 32], "cells of column 3:")
    expect(browser.text("#cross .readout").startswith("“sees” is looked at by: "))
    calm(browser)


def a_cell_says_its_weight_and_stays_when_clicked(browser, pages):
    browser.open(pages.make("transformer", "the cat sees it .", "--gold", "1-1 2?3"))
    browser.click("#cross .map .cell:nth-of-type(8)")             # cat and chat
    weight = weights(browser, 1, -1)[7]
    expect_equal(browser.text("#cross .readout"),
                 f"“chat” looks at “cat”: {weight:.4f} (gold)")
    browser.hover("h1")
    expect_equal(len(lit_cells(browser)), 11, "a pinned row and column:")
    browser.click("#cross .queries .word:nth-child(1)")
    browser.hover("h1")
    expect_equal(browser.count("#cross .queries .pinned"), 1)
    browser.keys("Escape")
    expect_equal((browser.count(".pinned"), browser.count("#cross .dim")), (0, 0), "Escape:")


def keys_reach_every_word(browser, pages):
    browser.open(pages.make())
    focused = "return document.activeElement.firstElementChild.textContent"
    browser.run("document.querySelector('.tabs a').focus()")
    browser.keys("Tab")
    expect_equal(browser.run(focused), "the")
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    expect_equal(outline, "solid", "the focus is seen:")
    browser.keys("ArrowRight", "ArrowRight")
    expect_equal(browser.run(focused), "sees")
    expect_equal(lit_cells(browser), [2, 8, 14, 20, 26, 32])
    browser.keys("ArrowDown")
    expect_equal(browser.run(focused), "le")
    expect_equal(lit_cells(browser), [12, 13, 14, 15, 16, 17])
    browser.keys("End", "Enter", "Home", "ArrowLeft")
    expect_equal(browser.run(focused), "le", "no way before the first:")
    expect_equal(browser.text("#cross .pinned bdi"), "<eos>")
    calm(browser)


def every_layer_and_head_can_be_chosen(browser, pages):
    browser.open(pages.make())
    expect_map(browser, 1, -1)
    for layer in range(2):
        for head in range(-1, 2):
            browser.click(f"#cross tbody tr:nth-child({layer + 1}) "
                          f"td:nth-child({head + 3}) .pick")
            expect_map(browser, layer, head)
            expect_equal(browser.count("#cross .pick[aria-pressed=true]"), 1)
            name = "mean of heads" if head < 0 else f"head {head + 1}"
            expect_equal(browser.text("#cross .view"), f"layer {layer + 1}, {name}")
    browser.keys("ArrowUp", "ArrowLeft")
    expect_map(browser, 0, 0)
    browser.keys("ArrowRight", "ArrowRight", "ArrowDown")
    expect_map(browser, 1, 1)
    calm(browser)


def the_head_asked_for_is_shown_first(browser, pages):
    browser.open(pages.make("transformer", "the cat sees it .", "--layer", "1", "--head", "2"))
    expect_map(browser, 0, 1)
    expect_equal(browser.text("#cross .view"), "layer 1, head 2")


def tabs_show_one_kind_of_attention_at_a_time(browser, pages):
    visible = "return [...document.querySelectorAll('.panel')].filter((p) => " \
              "p.checkVisibility()).map((p) => p.id).join()"
    page = pages.make()
    browser.open(page)
    expect_equal(browser.run(visible), "cross")
    for index, kind in enumerate(["cross", "encoder", "decoder"]):
        browser.click(f"#tab-{kind}")
        expect_equal(browser.run(visible), kind)
        expect_equal(browser.text(".tabs [aria-selected=true]"),
                     browser.text(f"#{kind} h2"))
        expect_map(browser, 1, -1, kind, index)
    browser.keys("ArrowLeft")
    expect_equal(browser.run(visible), "encoder")
    browser.hover("#encoder .queries .word:nth-child(2)")
    expect(browser.text("#encoder .readout").startswith("“cat” looks at: "))
    browser.open(page, "#decoder")
    expect_equal(browser.run(visible), "decoder", "asked for in the address:")
    calm(browser)


def gold_links_are_outlined(browser, pages):
    browser.open(pages.make("transformer", "the cat sees it .", "--gold", "0-0 1?1 3-2 2-3"))
    expect_equal((browser.count("#cross .map .gold.sure"),
                  browser.count("#cross .map .gold.possible")), (3, 1))
    style = "return getComputedStyle(document.querySelector(arguments[0])).%s"
    expect_equal(browser.run(style % "strokeDasharray", "#cross .map .gold.sure"), "none")
    expect(browser.run(style % "strokeDasharray", "#cross .map .gold.possible") != "none")
    browser.hover("#cross .queries .word:nth-child(1)")
    expect_equal(browser.text("#cross .keys .word.sure bdi"), "the")
    browser.hover("#cross .keys .word:nth-child(2)")
    expect_equal(browser.text("#cross .queries .word.possible bdi"), "chat")
    expect_equal(browser.count("#encoder .gold, #decoder .gold"), 0, "in self-attention:")
    browser.open(pages.make("transformer", "the small girls do not draw them .",
                            target="les petites filles ne les dessinent pas ."))
    expect_equal((browser.count("#cross .map .gold.sure"),
                  browser.count("#cross .map .gold.possible")), (7, 2), "of the run's own pairs:")


CASES = (hovering_a_target_word_lights_its_row, hovering_a_source_word_lights_its_column,
         a_cell_says_its_weight_and_stays_when_clicked, keys_reach_every_word,
         every_layer_and_head_can_be_chosen, the_head_asked_for_is_shown_first,
         tabs_show_one_kind_of_attention_at_a_time, gold_links_are_outlined)
