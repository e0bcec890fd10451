"""Runs MiniStack, the AWS emulator, in the foreground. Its settings are its environment (see processes of up.py).

Its Runtime API server leaves Nagle's algorithm on, which makes every warm call of a function wait 40 ms for nothing.
"""

import socketserver

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack import app

app.main()
