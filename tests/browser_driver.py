"""A headless Chromium to drive, pages of the program to open in it, and what tests say of them."""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"    # how WebDriver names a reference to an element
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "End": "\ue010", "Home": "\ue011",
        "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}


class Browser:
    """One headless Chromium behind chromedriver, spoken to over WebDriver's HTTP."""

    def __init__(self, folder):
        self.driver = subprocess.Popen(
            [os.environ.get("CHROMEDRIVER", "chromedriver"), "--port=0"], cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.session = None
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.base = "http://127.0.0.1:" + line.split("port ")[1].strip().rstrip(".")
                break
        else:
            raise RuntimeError("chromedriver did not start")
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--window-size=1200,900",
                     "--user-data-dir=" + os.path.join(folder, "profile")]
        options = {"args": arguments}
        if shutil.which("chromium"):
            options["binary"] = shutil.which("chromium")
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = "/session/" + answer["sessionId"]

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                    request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None

    def post(self, path, **body):
        return self.call("POST", self.session + path, body)

    def get(self, path):
        return self.call("GET", self.session + path)

    def cdp(self, command, **parameters):
        return self.post("/goog/cdp/execute", cmd=command, params=parameters)

    def open(self, path, fragment=""):
        self.post("/url", url="about:blank")
        self.console()
        self.requests()
        self.post("/url", url="file://" + os.path.abspath(path) + fragment)

    def run(self, script, *arguments):
        return self.post("/execute/sync", script=script, args=list(arguments))

    def find(self, selector):
        return self.post("/element", using="css selector", value=selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def count(self, selector):
        return self.run("return document.querySelectorAll(arguments[0]).length", selector)

    def pointer(self, selector, *then):
        """Moves the mouse to the middle of an element; then 'down', 'up'."""
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({behavior: 'instant', block: 'center',"
                 " inline: 'center'})", element)
        moves = [{"type": "pointerMove", "duration": 0, "origin": element, "x": 0, "y": 0}]
        moves += [{"type": "pointer" + what, "button": 0} for what in then]
        self.post("/actions", actions=[{"type": "pointer", "id": "mouse", "actions": moves}])

    def hover(self, selector):
        self.pointer(selector)

    def click(self, selector):
        self.pointer(selector, "Down", "Up")

    def keys(self, *names):
        strokes = []
        for name in names:
            key = KEYS.get(name, name)
            strokes += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.post("/actions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def console(self):
        return [entry["message"] for entry in self.post("/se/log", type="browser")]

    def requests(self):
        """The addresses asked for since the last call, the page's own included."""
        events = [json.loads(e["message"])["message"]
                  for e in self.post("/se/log", type="performance")]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def width(self, pixels):
        self.cdp("Emulation.setDeviceMetricsOverride", width=pixels, height=900,
                 deviceScaleFactor=1, mobile=False)

    def media(self, medium="", scheme="light"):
        self.cdp("Emulation.setEmulatedMedia", media=medium,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.get("/screenshot")))

    def close(self):
        try:
            if self.session:
                self.call("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()


class Pages:
    """Pages of models trained for a moment: what they say is nonsense, how they say it is not."""

    def __init__(self, folder):
        self.folder = folder
        self.program = os.path.abspath(os.environ.get("BABELGRAD", "build/babelgrad"))
        for model in ("transformer", "rnn", "attention"):
            self.babelgrad("train", "--model", model, "--pairs", "200", "--max-length", "8",
                           "--hidden", "16", "--embed", "16", "--ffn", "16", "--layers", "2",
                           "--heads", "2", "--tokenizer", "book", "--num-steps", "9", "--epochs",
                           "1", "--out", model)

    def babelgrad(self, *arguments):
        done = subprocess.run([self.program, *arguments], cwd=self.folder, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"babelgrad {' '.join(arguments)}: {done.stderr}")

    def make(self, model="transformer", sentence="the cat sees it .", *options,
             target="le chat le voit ."):
        page = os.path.join(self.folder, "page.html")
        self.babelgrad("attend", model, sentence, "--html", page, "--target", target, *options)
        return page


def expect(truth, *what):
    if not truth:
        raise AssertionError(" ".join(str(part) for part in what))


def expect_equal(found, wanted, *what):
    expect(found == wanted, *what, "found", repr(found), "and not", repr(wanted))


DATA = "const data = JSON.parse(document.getElementById('data').textContent);"
CELLS = "[...document.querySelectorAll('#cross .map .%s')]"


def shown_numbers(browser, kind="cross"):
    return browser.run("return [...document.querySelectorAll('#' + arguments[0] + "
                       "' .map .number')].map((t) => Number(t.textContent))", kind)


def weights(browser, layer, head, kind=0):
    """Of the data block; head -1: the mean."""
    heads = browser.run(DATA + "return data.maps[arguments[0]].weights[arguments[1]]", kind, layer)
    flat = [[w for row in head for w in row] for head in heads]
    return flat[head] if head >= 0 else [sum(ws) / len(ws) for ws in zip(*flat)]


def expect_map(browser, layer, head, kind="cross", index=0):
    for text, weight in zip(shown_numbers(browser, kind), weights(browser, layer, head, index),
                            strict=True):
        expect(abs(text - weight) < 0.00501, f"layer {layer} head {head}:", text, "for", weight)


def lit_cells(browser):
    return browser.run(f"return {CELLS % 'cell'}.flatMap((c, k) => c.classList.contains('on') ?"
                       " [k] : [])")


def calm(browser):
    expect_equal(browser.console(), [], "the console:")


def run_cases(cases, make_subject):
    """Each case(browser, make_subject(folder)), or those whose name holds the program's argument.
    Ends with the line doctest would print; the exit status."""
    wanted = [case for case in cases if not sys.argv[1:] or sys.argv[1] in case.__name__]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="babelgrad-browser-") as folder:
        subject, browser = make_subject(folder), Browser(folder)
        try:
            for case in wanted:
                browser.width(1200)
                browser.media()
                try:
                    case(browser, subject)
                except (AssertionError, RuntimeError) as error:
                    failed += 1
                    print(f"{case.__name__}: {error}")
        finally:
            browser.close()
    print(f"[doctest] test cases: {len(wanted)} | {len(wanted) - failed} passed | {failed} failed"
          " | 0 skipped")
    return 1 if failed or not wanted else 0
