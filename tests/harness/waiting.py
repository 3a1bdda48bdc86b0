"""Waits for what the server promises to do soon, and says what was last seen if it does not."""

import time


def eventually(look, what: str, seconds: float = 10.0):
    """Calls `look` until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
