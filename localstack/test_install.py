"""Tests the choice and the download of programs, with fake programs and packages."""

import hashlib
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import install
from console import Failure

HERE = Path(__file__).parent
# The hash on PyPI.
PIP = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def pretend(path: Path, says: str) -> Path:
    """Writes a program that prints a version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, value in {"_PROGRAMS": self.folder / "programs", "step": mock.MagicMock()}.items():
            patch = mock.patch.object(install, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        patch = mock.patch.dict(os.environ, {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"})
        patch.start()
        self.addCleanup(patch.stop)

    def postgres(self, major: int) -> Path:
        home = self.folder / f"postgres-{major}"
        for name in ("postgres", "initdb"):
            pretend(home / "bin" / name, f"postgres (PostgreSQL) {major}.3 (Debian {major}.3-0+deb12u1)")
        (home / "share/extension").mkdir(parents=True, exist_ok=True)
        (home / "share/extension/pg_trgm.control").touch()
        return home / "bin"

    def choose_postgres(self, installed: list[Path], version: int | None = None) -> str:
        with mock.patch.object(install, "_postgres_folders", return_value=installed):
            return install.postgres(version).name

    def test_new_data_gets_the_newest_postgres(self):
        self.assertEqual(self.choose_postgres([self.postgres(15), self.postgres(17)]), "PostgreSQL 17.3")

    def test_existing_data_needs_its_postgres_version(self):
        self.assertEqual(self.choose_postgres([self.postgres(15), self.postgres(17)], 15), "PostgreSQL 15.3")
        with self.assertRaisesRegex(Failure, "made by PostgreSQL 16.*make reset"):
            self.choose_postgres([self.postgres(15)], 16)

    def test_an_old_postgres_and_one_without_extensions_are_not_suitable(self):
        self.assertFalse(install._is_suitable_postgres(self.postgres(14)))
        suitable = self.postgres(15)
        self.assertTrue(install._is_suitable_postgres(suitable))
        (suitable.parent / "share/extension/pg_trgm.control").unlink()
        self.assertFalse(install._is_suitable_postgres(suitable))

    def test_on_other_platforms_the_error_says_what_to_install(self):
        with (
            mock.patch("platform.machine", return_value="riscv64"),
            self.assertRaisesRegex(Failure, "riscv64; install PostgreSQL 15 or newer"),
        ):
            self.choose_postgres([])

    def test_an_old_redis_is_not_used(self):
        pretend(self.folder / "bin/redis-server", "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1")
        pretend(self.folder / "bin/valkey-server", "Valkey server v=8.1.1 sha=00000000:1 malloc=libc")
        self.assertEqual(install.redis().name, "Valkey 8.1.1")
        pretend(self.folder / "bin/redis-server", "Redis server v=6.2.0 sha=00000000:0 malloc=jemalloc-5.2.1")
        self.assertEqual(install.redis().name, "Redis 6.2.0")

    def test_an_old_caddy_is_not_used(self):
        downloaded = self.folder / "downloaded"
        pretend(downloaded / "bin/caddy", "v2.11.7 h1:yj0Y4fYZGPkSvibBJ1sTWE33xC0fxztVyXEW5iIdUT4=")
        with mock.patch.object(install, "_from_pypi", return_value=downloaded):
            for installed, chosen in (("2.5.2", "Caddy 2.11.7"), ("2.6.2", "Caddy 2.6.2")):
                pretend(self.folder / "bin/caddy", installed)
                self.assertEqual(install.caddy().name, chosen)

    def test_node_without_npm_or_too_old_is_not_used(self):
        with mock.patch.object(install, "_from_pypi", side_effect=Failure("is downloaded")):
            for version, missing in (("v24.1.0", "npm"), ("v22.11.9", "nothing")):
                pretend(self.folder / "bin/node", version)
                there = {name: str(self.folder / "bin" / name) for name in ("node", "npm") if name != missing}
                with mock.patch("shutil.which", there.get), self.assertRaisesRegex(Failure, "is downloaded"):
                    install._node()

    def test_a_failed_download_is_retried_and_a_complete_one_is_not_repeated(self):
        pinned = self.folder / "pinned"
        pinned.write_text("1.0")
        seen = []

        def fetch(code: int):
            def run(folder: Path) -> subprocess.CompletedProcess:
                seen.append(sorted(path.name for path in folder.iterdir()))
                (folder / f"part-{len(seen)}").touch()
                return subprocess.CompletedProcess([], code, "", "no network")

            return run

        with self.assertRaisesRegex(Failure, "cannot download Node.js.*again, or install it"):
            install._downloaded("Node.js", "node", pinned, fetch(1), "install it")
        for _ in range(2):
            folder = install._downloaded("Node.js", "node", pinned, fetch(0), "install it")
        pinned.write_text("1.1")
        install._downloaded("Node.js", "node", pinned, fetch(0), "install it")
        self.assertEqual(seen, [[], [], []], "each begins with an empty folder")
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["complete", "part-3"])

    def test_downloads_are_pinned_for_every_platform(self):
        for name in ("caddy", "node", "valkey"):
            text = (HERE / f"requirements-{name}.txt").read_text()
            self.assertEqual(text.count("--hash=sha256:"), len(install._PLATFORMS), name)
        for lock in HERE.glob("npm/*/package-lock.json"):
            packages = json.loads(lock.read_text())["packages"]
            loose = [
                path
                for path, package in packages.items()
                if path and "integrity" not in package and not package.get("inBundle")
            ]
            self.assertEqual(loose, [], lock)
        wanted = json.loads((HERE / "npm/postgres/package.json").read_text())["optionalDependencies"]
        self.assertEqual(sorted(wanted), sorted(f"@embedded-postgres/{name}" for name in install._PLATFORMS.values()))

    def test_pip_is_the_one_from_pypi(self):
        self.assertEqual(hashlib.sha256(install._PIP.parent.read_bytes()).hexdigest(), PIP)


if __name__ == "__main__":
    unittest.main()
