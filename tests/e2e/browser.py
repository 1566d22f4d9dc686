#!/usr/bin/env python3
"""A real browser over the service's pages: browser.py ADDRESS FOLDER

Types a search, follows a hit and checks that its words are marked on the page image, in both
languages. Screenshots go into FOLDER. Chromium is driven over a pipe (DevTools protocol): no port.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time


class Browser:
    DEADLINE = 60  # seconds for any one answer

    def __init__(self, profile):
        to_child, self.out = os.pipe()
        self.inn, from_child = os.pipe()

        def ends():
            os.dup2(to_child, 98)
            os.dup2(from_child, 99)
            os.dup2(98, 3)
            os.dup2(99, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={profile}", "--window-size=1280,900",
             "about:blank"],
            preexec_fn=ends, pass_fds=(3, 4),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.number = 0
        self.rest = b""
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def read(self):
        import select
        until = time.monotonic() + self.DEADLINE
        while b"\0" not in self.rest:
            if not select.select([self.inn], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.inn, 1 << 20)
            if not part:
                raise EOFError("the browser is gone")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.out, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def js(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description", expression))
        return result["result"].get("value")

    def wait(self, what, expression):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                if self.js(f"!!({expression})"):
                    return
            except RuntimeError:
                pass  # the page is being replaced
            time.sleep(0.1)
        raise AssertionError(f"never came: {what}, at {self.js('location.href')}: "
                             f"{self.js('document.body.innerText.slice(0, 500)')}")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait(url, f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def type(self, text):
        self.call("Input.insertText", text=text)

    def enter(self):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r",
                      windowsVirtualKeyCode=13)

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def check(what, good, told=""):
    if not good:
        raise AssertionError(f"{what}: {told}")
    print(f"ok: {what}")


# Every mark lies on the picture, and is as large as a word.
MARKS = """(() => {
  const image = document.querySelector('.sheet img');
  const frame = image.getBoundingClientRect();
  const marks = [...document.querySelectorAll('.sheet svg rect')].map(r => r.getBoundingClientRect());
  return {loaded: image.complete && image.naturalWidth > 300, marks: marks.length,
          inside: marks.every(m => m.left >= frame.left - 1 && m.right <= frame.right + 1 &&
                                   m.top >= frame.top - 1 && m.bottom <= frame.bottom + 1),
          seen: marks.every(m => m.width > 4 && m.height > 4 && m.height < frame.height / 5)};
})()"""


def main():
    address, folder = sys.argv[1], sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            browser.open(f"http://{address}/")
            check("the page speaks Indonesian", browser.js("document.documentElement.lang") == "id")
            check("the cursor waits in the search box",
                  browser.js("document.activeElement.name") == "q",
                  browser.js("document.activeElement.outerHTML.slice(0, 200)"))
            browser.type("guru")
            browser.enter()
            browser.wait("hits", "location.search.includes('q=guru') && document.querySelector('mark')")
            browser.screenshot(f"{folder}/search.png")
            words = browser.js("[...document.querySelectorAll('mark')].map(m => m.textContent.toLowerCase())")
            check("old and new spelling are marked in the snippets",
                  any("goeroe" in w for w in words) and any("guru" in w for w in words), words)
            link = browser.js("[...document.querySelectorAll('a')].find(a => "
                              "a.pathname.includes('/halaman/')).href")
            browser.open(link)
            browser.wait("the page image", f"{MARKS}.loaded")
            browser.screenshot(f"{folder}/page.png")
            marks = browser.js(MARKS)
            check("the words are marked on the picture", marks["marks"] > 0 and marks["inside"] and
                  marks["seen"], marks)
            errors = browser.js("performance.getEntriesByType('resource').filter(r => "
                                "r.responseStatus >= 400).map(r => r.name)")
            check("nothing on the page is missing", errors == [], errors)
        finally:
            browser.end()


if __name__ == "__main__":
    main()
