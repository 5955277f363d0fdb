# SPDX-License-Identifier: Apache-2.0
"""unlock.py PORT: types the PIN that stands on standard input into Chromium's dialog
"Unlock Security Device" and presses its button, through the protocol of --enable-ui-devtools=PORT
(with the feature ui-debug-tools-enable-synthetic-events). The dialog is a window of the browser's
own, which neither pages nor the DevTools of pages reach. Waits a minute for it."""
import base64
import json
import os
import socket
import struct
import sys
import time

DIALOG, FIELD, BUTTON = "CryptoModulePasswordDialogView", "Textfield", "MdTextButton"
END = time.monotonic() + 60


class Browser:
    """JSON requests over a WebSocket (RFC 6455), as little of it as they need."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.buffer = b""
        self.requests = 0
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            "GET /0 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (port, key)).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]

    def more(self):
        part = self.socket.recv(65536)
        if not part:
            raise OSError("the browser closed the connection")
        self.buffer += part

    def take(self, n):
        while len(self.buffer) < n:
            self.more()
        part, self.buffer = self.buffer[:n], self.buffer[n:]
        return part

    def message(self):
        text = b""
        while True:
            head, n = self.take(2)
            n &= 0x7F
            if n > 125:
                n = struct.unpack(">H" if n == 126 else ">Q", self.take(2 if n == 126 else 8))[0]
            text += self.take(n)
            if head & 0x80:
                return json.loads(text)

    def ask(self, method, **params):
        self.requests += 1
        text = json.dumps({"id": self.requests, "method": method, "params": params}).encode()
        mask = os.urandom(4)
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + struct.pack(">H", len(text))
        self.socket.sendall(b"\x81" + size + mask + bytes(c ^ mask[i & 3] for i, c in enumerate(text)))
        while True:
            answer = self.message()
            if answer.get("id") == self.requests:
                break
        if "error" in answer:
            sys.exit("%s: %s" % (method, answer["error"]["message"]))
        return answer["result"]


def below(node, name):
    """Every element of this name in the tree."""
    if name in (node.get("attributes") or []):
        yield node
    for child in node.get("children", []):
        yield from below(child, name)


def connect(port):
    while True:
        try:
            return Browser(port)
        except OSError:
            if time.monotonic() > END:
                raise
            time.sleep(0.2)


def dialog(browser):
    root = browser.ask("DOM.getDocument")["root"]
    window = next(below(root, DIALOG), None)
    return window if window and list(below(window, BUTTON)) else None


def wait_for(what, failure):
    while time.monotonic() < END:
        found = what()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(failure)


def caption(browser, button):
    """The properties of a button come as styles."""
    for rule in browser.ask("CSS.getMatchedStylesForNode", nodeId=button["nodeId"])["matchedCSSRules"]:
        for p in rule["rule"]["style"]["cssProperties"]:
            if p["name"] == "Text":
                return p["value"]
    return ""


def press(browser):
    """A dialog that has just come takes no click yet: press until it is gone."""
    window = dialog(browser)
    for button in below(window, BUTTON) if window else []:
        if caption(browser, button) == "Unlock":
            for what in ("mousePressed", "mouseReleased"):
                browser.ask("DOM.dispatchMouseEvent", nodeId=button["nodeId"], event={
                    "type": what, "x": 5, "y": 5, "button": "left", "wheelDirection": "none"})
    time.sleep(0.5)
    return dialog(browser) is None


def main():
    browser = connect(int(sys.argv[1]))
    browser.ask("DOM.enable")
    browser.ask("CSS.enable")
    window = wait_for(lambda: dialog(browser), "no dialog asks for a PIN")
    field = next(below(window, FIELD))
    for c in sys.stdin.read().strip():
        browser.ask("DOM.dispatchKeyEvent", nodeId=field["nodeId"], event={
            "type": "keyPressed", "keyCode": ord(c), "code": 0, "flags": 0, "key": ord(c), "isChar": True})
    wait_for(lambda: press(browser), "the dialog does not go away")


main()
