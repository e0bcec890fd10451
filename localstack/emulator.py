"""Runs MiniStack, the AWS emulator, in the foreground. Its environment configures it (see parts.py).

Its Runtime API server leaves Nagle's algorithm on, which delays every warm call of a function by 40 ms.
"""

import socketserver

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack import app

app.main()
