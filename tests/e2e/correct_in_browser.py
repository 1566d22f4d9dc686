#!/usr/bin/env python3
"""Corrects a page in a real browser with the keyboard alone: correct_in_browser.py READER_URL"""
import sys
import tempfile

from browser import Browser, check


def key(browser, name, code, text=""):
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, text=text,
                     windowsVirtualKeyCode=code)


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    browser = Browser(profile)
    try:
        browser.open(sys.argv[1] + "?edit=1")
        browser.wait("the text with the focus in it", "document.activeElement.id === 'teks'")
        browser.js("document.activeElement.setSelectionRange(0, 0)")
        browser.type("Pertamasekali ")
        key(browser, "Tab", 9)
        check("the next key is on the button", browser.js("document.activeElement.tagName") == "BUTTON",
              browser.js("document.activeElement.outerHTML"))
        browser.enter()
        browser.wait("the corrected text", "!location.search.includes('edit') && "
                     "document.querySelector('pre.text')?.textContent.startsWith('Pertamasekali ')")
        check("the page says that a person corrected it",
              browser.js("document.querySelector('#hasil').textContent") == "Teks yang diperbaiki petugas")
    finally:
        browser.end()
