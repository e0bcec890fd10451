"""Tests web/Caddyfile: runs Caddy in front of a server that returns what it gets."""

import http.client
import http.server
import json
import os
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import install
import processes
import web
from console import wait_until


class Echo(http.server.BaseHTTPRequestHandler):
    """Returns the path and the host of the request."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"7"')
        self.end_headers()
        self.wfile.write(json.dumps([self.path, self.headers["Host"]]).encode())

    def log_message(self, *_):
        pass


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Caddyfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        root = Path(folder.name)
        (root / "dist/assets").mkdir(parents=True)
        for name in ("index.html", "service-worker.js", "manifest.webmanifest", "assets/main-1a2b.js"):
            (root / "dist" / name).write_text(f"{name} " * 200)

        echo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        cls.addClassCleanup(echo.server_close)
        cls.addClassCleanup(echo.shutdown)
        cls.upstream, cls.port = f"127.0.0.1:{echo.server_port}", free_port()

        environment = {
            **os.environ,
            "SITE": f"http://localhost:{cls.port}",
            "BIND": "127.0.0.1",
            "API_UPSTREAM": cls.upstream,
            "WEB_ROOT": str(root / "dist"),
            **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), folder.name),
        }
        command = [*install.caddy().command, "run", "--adapter", "caddyfile", "--config", web.FOLDER / "Caddyfile"]
        caddy = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(caddy.wait)
        cls.addClassCleanup(caddy.terminate)
        if not wait_until(lambda: processes.listening(cls.port), 15):
            raise AssertionError("Caddy does not listen")

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={"Host": f"localhost:{self.port}", **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def test_unknown_paths_without_a_dot_are_pages_of_the_client(self):
        for path in (
            "/",
            "/projects/WEB?q=a.b",
            "/docs/x",
            "/v1",
            "/_ministack/health",
            "/v1/..%2f..%2f_ministack/health",
        ):
            status, headers, body = self.get(path)
            self.assertEqual((status, body[:10]), (200, b"index.html"), path)
            self.assertTrue(headers["content-security-policy"].startswith("default-src 'none'; "), path)
            self.assertEqual(headers["cache-control"], "no-cache", path)
            self.assertNotIn("strict-transport-security", headers, "http")
        for path in ("/missing.js", "/assets/main-old.js"):
            status, headers, _ = self.get(path)
            self.assertEqual(status, 404, path)
            self.assertNotIn("immutable", headers.get("cache-control", ""), path)

    def test_only_files_whose_names_contain_a_hash_are_cached(self):
        for name, kept in (
            ("assets/main-1a2b.js", True),
            ("service-worker.js", False),
            ("manifest.webmanifest", False),
        ):
            status, headers, _ = self.get(f"/{name}", **{"Accept-Encoding": "gzip"})
            self.assertEqual((status, "immutable" in headers["cache-control"]), (200, kept), name)
        self.assertEqual(headers["content-type"], "application/manifest+json")

    def test_text_is_compressed(self):
        for path in ("/", "/assets/main-1a2b.js"):
            self.assertEqual(self.get(path, **{"Accept-Encoding": "gzip"})[1].get("content-encoding"), "gzip", path)

    def test_requests_for_the_apis_are_passed_on_unchanged(self):
        for path, prefix in (
            ("/v1/labels/a%2Fb%3Fc/d%20e?q=a%20b&x=%26", "taskbell"),
            ("/docs", "taskbell"),
            ("/live?ticket=a", "taskbell-ws"),
        ):
            status, headers, body = self.get(path, **{"Accept-Encoding": "gzip"})
            self.assertEqual((status, json.loads(body)), (200, [f"/_aws/execute-api/{prefix}{path}", self.upstream]))
            # Of HTTP itself and of the other server, and none of Caddy's.
            self.assertEqual(
                set(headers) - {"date", "transfer-encoding", "content-length", "connection"}, {"content-type", "etag"}
            )
            self.assertEqual(headers["etag"], '"7"')


if __name__ == "__main__":
    unittest.main()
