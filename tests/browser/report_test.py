#!/usr/bin/env python3
"""report_test.py REPORT.html... - opens reports of `godwit report` in headless Chromium.

Pins, for every report: nothing on the console, no request but for the file itself and data: URLs,
the policy refuses an injected script, pictures with marks are in the page and every id is there once,
the page is no wider than the window at 1280 and at 400 pixels, folded parts open for printing. Where
the report has scripts: every chart has ink, pointing at it shows values, another choice draws
another chart. With --hostile WORD: WORD is in the text of the page, and nothing that WORD tries
happened. With --screenshots FOLDER it leaves pictures there for eyes.

Does not pin what the numbers are. Speaks WebDriver with the standard library alone.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import argparse
import base64
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

failures = 0


def fail(message):
    global failures
    failures += 1
    print("FAIL:", message, file=sys.stderr)


class Browser:
    """One chromedriver with one session."""

    def __init__(self, driver, browser, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = "http://127.0.0.1:%d" % port
        self.process = subprocess.Popen([driver, "--port=%d" % port], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.session = None
        self.wait_for_driver()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--hide-scrollbars", "--disable-background-networking", "--no-first-run",
                     "--user-data-dir=%s/profile" % folder]
        answer = self.send("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": browser,
                                   "perfLoggingPrefs": {"enableNetwork": True}},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def wait_for_driver(self):
        for _ in range(300):
            try:
                if self.send("GET", "/status")["ready"]:
                    return
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.1)
        raise RuntimeError("chromedriver does not answer")

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError("%s %s: %s" % (method, path, error.read().decode()[:500])) from error

    def run(self, script, *arguments):
        return self.send("POST", self.session + "/execute/sync",
                         {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self.send("POST", self.session + "/goog/cdp/execute",
                         {"cmd": command, "params": parameters})

    def log(self, kind):
        return self.send("POST", self.session + "/se/log", {"type": kind})

    def open(self, url):
        self.log("browser")
        self.log("performance")
        self.send("POST", self.session + "/url", {"url": url})

    def resize(self, width, height=900):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=False)
        self.run("window.dispatchEvent(new Event('resize'))")
        time.sleep(0.3)

    def screenshots(self, stem, most=9):
        """The whole page in pieces that can be looked at: STEM-1.png, STEM-2.png ..."""
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        piece = 4 * width // 3
        for number in range(min(most, -(-height // piece))):
            picture = self.devtools("Page.captureScreenshot", captureBeyondViewport=True, clip={
                "x": 0, "y": number * piece, "width": width, "height": piece, "scale": 1})
            pathlib.Path("%s-%d.png" % (stem, number + 1)).write_bytes(
                base64.b64decode(picture["data"]))

    def move(self, x, y):
        """Moves the mouse to a place of the window."""
        for dx in (-3, 0):
            self.devtools("Input.dispatchMouseEvent", type="mouseMoved", x=x + dx, y=y)
        time.sleep(0.1)

    def close(self):
        try:
            if self.session is not None:
                self.send("DELETE", self.session)
        finally:
            self.process.terminate()
            self.process.wait(30)


def check_quiet(browser, name):
    for entry in browser.log("browser"):
        # Said of this test, which reads the drawn curves back.
        if "willReadFrequently" not in entry["message"]:
            fail("%s: console: %s" % (name, entry["message"]))


def check_no_requests(browser, name, url):
    """Pages of the browser's own (chrome://) may ask for parts of the browser in the meantime."""
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] != "Network.requestWillBeSent":
            continue
        if message["params"]["documentURL"].startswith("chrome://"):
            continue
        wanted = message["params"]["request"]["url"]
        if wanted.split("#")[0] != url and not wanted.startswith("data:"):
            fail("%s: request for %s" % (name, wanted))


def check_pictures(browser, name):
    state = browser.run("""
        var pictures = Array.from(document.querySelectorAll('svg.figure'));
        var ids = Array.from(document.querySelectorAll('[id]')).map(function (e) { return e.id; });
        return {count: pictures.length,
                empty: pictures.filter(function (p) {
                    return p.querySelectorAll('path, use, rect, circle').length < 10; }).length,
                mute: pictures.filter(function (p) { return !p.getAttribute('aria-label'); }).length,
                lost: Array.from(document.querySelectorAll('svg use')).filter(function (u) {
                    return !document.getElementById(u.getAttribute('href').slice(1)); }).length,
                flat: pictures.filter(function (p) {
                    return p.getBoundingClientRect().height < 100; }).length,
                tables: document.querySelectorAll('figure details table').length,
                twice: ids.filter(function (id, i) { return ids.indexOf(id) !== i; })}""")
    if state["count"] == 0:
        fail("%s: no picture in the page" % name)
    for what in ("empty", "mute", "lost", "flat"):
        if state[what]:
            fail("%s: %d pictures or marks are %s" % (name, state[what], what))
    if state["tables"] < state["count"]:
        fail("%s: %d tables for %d pictures" % (name, state["tables"], state["count"]))
    if state["twice"]:
        fail("%s: ids more than once: %s" % (name, state["twice"][:5]))


def check_links(browser, name):
    lost = browser.run("""
        return Array.from(document.querySelectorAll('a[href^="#"]')).filter(function (a) {
            return !document.getElementById(a.getAttribute('href').slice(1)); })
            .map(function (a) { return a.getAttribute('href'); })""")
    if lost:
        fail("%s: links to nowhere: %s" % (name, lost[:5]))


INK = """
    return Array.from(document.querySelectorAll('.chart')).map(function (chart) {
        return Array.from(chart.querySelectorAll('canvas')).reduce(function (ink, canvas) {
            var data = canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height).data;
            for (var i = 3; i < data.length; i += 4) { ink += data[i] > 0 ? 1 : 0; }
            return ink; }, 0); })"""


def key_text(browser, index):
    return browser.run("return document.querySelectorAll('.key')[arguments[0]].textContent", index)


def check_chart(browser, name, index):
    box = browser.run("""
        var chart = document.querySelectorAll('.chart')[arguments[0]];
        chart.scrollIntoView({block: 'center'});
        var box = chart.getBoundingClientRect();
        return [box.left, box.top, box.width, box.height]""", index)
    before = key_text(browser, index)
    browser.move(box[0] + 0.3 * box[2], box[1] + 0.5 * box[3])
    first = key_text(browser, index)
    browser.move(box[0] + 0.6 * box[2], box[1] + 0.5 * box[3])
    second = key_text(browser, index)
    if first == before or second == first or not any(letter.isdigit() for letter in first):
        fail("%s: chart %d: pointing shows no value: %r, %r, %r" %
             (name, index, before, first, second))
    browser.move(5, 5)
    changed = browser.run("""
        var select = document.querySelectorAll('.choose')[arguments[0]].querySelector('select');
        if (select.options.length < 2) { return false; }
        select.value = '1';
        select.dispatchEvent(new Event('change'));
        return true""", index)
    if changed and browser.run(INK)[index] < 500:
        fail("%s: chart %d: another choice draws nothing" % (name, index))


def check_charts(browser, name):
    if not browser.run("return document.getElementById('curve-data') !== null"):
        return
    if browser.run("return document.getElementById('curves').hidden"):
        fail("%s: the section of the curves stays hidden" % name)
        return
    samples = browser.run("""
        return Array.from(document.querySelectorAll('.key')).filter(function (key) {
            return key.querySelectorAll('path[stroke^="#"]').length !== key.children.length - 1;
        }).length""")
    if samples:
        fail("%s: %d lists of curves without samples of their lines" % (name, samples))
    inks = browser.run(INK)
    if not inks or min(inks) < 500:
        fail("%s: ink of the charts: %s" % (name, inks))
    for index in range(min(len(inks), 4)):
        check_chart(browser, name, index)


def check_width(browser, name, width):
    browser.resize(width)
    state = browser.run("""
        return [document.documentElement.scrollWidth, innerWidth,
                Array.from(document.querySelectorAll('body *')).filter(function (e) {
                    return e.getBoundingClientRect().right > innerWidth + 1 &&
                        !e.closest('.scroll, pre, .chart, details:not([open])'); })
                    .slice(0, 5).map(function (e) { return e.outerHTML.slice(0, 80); })]""")
    if state[0] > state[1]:
        fail("%s: %d pixels wide in a window of %d: %s" % (name, state[0], state[1], state[2]))


def check_print(browser, name):
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    shut = browser.run("""
        return Array.from(document.querySelectorAll('details')).filter(function (one) {
            var last = one.lastElementChild;
            return !last.checkVisibility({contentVisibilityAuto: true}) ||
                last.getBoundingClientRect().height === 0; }).length""")
    if shut:
        fail("%s: %d folded parts stay folded in print" % (name, shut))
    browser.devtools("Emulation.setEmulatedMedia", media="")


def check_policy(browser, name):
    """The policy is tried, so what it complains about on the console is expected."""
    tried = browser.run("""
        window.broken = [];
        document.addEventListener('securitypolicyviolation', function (event) {
            window.broken.push(event.violatedDirective); });
        var script = document.createElement('script');
        script.textContent = 'window.injected = true';
        document.body.appendChild(script);
        var image = document.createElement('img');
        image.setAttribute('onerror', 'window.injected = true');
        image.src = 'data:,';
        document.body.appendChild(image);
        var away = document.createElement('img');
        away.src = 'https://example.invalid/x.png';
        document.body.appendChild(away);
        return window.injected === true""")
    time.sleep(0.5)
    broken = browser.run("return [window.broken.join(), window.injected === true]")
    if tried or broken[1]:
        fail("%s: the policy lets an injected script run" % name)
    if "script-src" not in broken[0] or "img-src" not in broken[0]:
        fail("%s: the policy stopped only: %s" % (name, broken[0]))


def check_hostile(browser, name, words):
    state = browser.run("""
        return {text: document.body.textContent,
                title: document.title,
                harm: window.pwned === undefined ? null : String(window.pwned),
                handlers: Array.from(document.querySelectorAll('*')).filter(function (e) {
                    return Array.from(e.attributes).some(function (a) {
                        return a.name.startsWith('on') || a.name === 'style' &&
                            !e.closest('.chart, .key'); }); }).length,
                scripts: document.querySelectorAll('script').length,
                strange: document.querySelectorAll('img, iframe, object, embed, form, base, b, marquee')
                    .length}""")
    for word in words:
        if word not in state["text"]:
            fail("%s: the text %r is not shown as it is" % (name, word))
    if state["harm"] or state["handlers"] or state["strange"] or state["scripts"] not in (0, 3):
        fail("%s: a text became markup: %s" % (name, {key: state[key] for key in state
                                                      if key not in ("text",)}))


def check(browser, path, options):
    url = pathlib.Path(path).resolve().as_uri()
    name = str(path)
    browser.resize(1280)
    browser.open(url)
    check_pictures(browser, name)
    check_links(browser, name)
    check_hostile(browser, name, options.hostile)
    if options.screenshots:
        stem = "%s/%s" % (options.screenshots, pathlib.Path(path).resolve().parent.name)
        browser.screenshots(stem + "-1280")
    check_charts(browser, name)
    for width in (1280, 400):
        check_width(browser, name, width)
    if options.screenshots:
        browser.screenshots(stem + "-400")
    browser.resize(1280)
    check_print(browser, name)
    check_quiet(browser, name)
    check_no_requests(browser, name, url)
    check_policy(browser, name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", default="chromedriver")
    parser.add_argument("--browser", required=True)
    parser.add_argument("--screenshots")
    parser.add_argument("--hostile", action="append", default=[])
    parser.add_argument("reports", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(options.driver, options.browser, folder)
        try:
            for path in options.reports:
                check(browser, path, options)
        finally:
            browser.close()
    sys.exit(failures > 0)


main()
