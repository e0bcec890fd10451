"""Tests of the client's headers, paths and files: as web/Caddyfile serves them, and as infra/web.yaml and infra/webfiles.py do."""

import re
import shlex
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import webfiles
from deploy import DeploymentFailed
from templates import Template

CADDYFILE = (Path(__file__).parent.parent / "web/Caddyfile").read_text()
RESOURCES = Template.read("web.yaml").content["Resources"]


def caddy_headers() -> dict[str, str]:
    """Returns the headers that Caddy sets on every file, and that of https."""
    lines = re.search(r"^\t\theader \{\n(.*?)^\t\t\}", CADDYFILE, re.DOTALL | re.MULTILINE)[1].splitlines()
    lines += re.findall(r"^\t\theader @https (.*)", CADDYFILE, re.MULTILINE)
    fields = [shlex.split(line, comments=True) for line in lines]
    # A field with a sign is a default, or removed.
    return dict(field for field in fields if field and field[0][0] not in "?-")


def cloudfront_headers() -> dict[str, str]:
    """Returns the headers that CloudFront sets on every file."""
    config = RESOURCES["Headers"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    every = [*security.values(), *config["CustomHeadersConfig"]["Items"]]
    assert all(header["Override"] for header in every)
    transport = security["StrictTransportSecurity"]
    assert not transport["IncludeSubdomains"] and not transport["Preload"]
    return {header["Header"]: header["Value"] for header in config["CustomHeadersConfig"]["Items"]} | {
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Strict-Transport-Security": f"max-age={transport['AccessControlMaxAgeSec']}",
        "X-Content-Type-Options": "nosniff" if "ContentTypeOptions" in security else "",
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
    }


class Headers(unittest.TestCase):
    def test_cloudfront_sets_the_headers_of_caddy(self):
        self.assertIn("Content-Security-Policy", caddy_headers())
        self.assertEqual(cloudfront_headers(), caddy_headers())

    def test_responses_of_the_api_keep_their_own(self):
        config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
        self.assertIn("ResponseHeadersPolicyId", config["DefaultCacheBehavior"])
        for behavior in config["CacheBehaviors"]:
            self.assertNotIn("ResponseHeadersPolicyId", behavior, behavior["PathPattern"])
        self.assertNotIn("CustomErrorResponses", config)  # they would replace errors of the API

    def test_both_pass_the_same_paths_to_the_api(self):
        passed = re.search(r"@api path (.*)", CADDYFILE)[1].split() + re.findall(r"handle (/\S+) \{", CADDYFILE)
        config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
        self.assertEqual([behavior["PathPattern"] for behavior in config["CacheBehaviors"]], passed)

    def test_assets_may_be_kept(self):
        (caddy,) = re.findall(r'^\t\theader @assets Cache-Control "(.*)"', CADDYFILE, re.MULTILINE)
        self.assertIn("path /assets/*", CADDYFILE)
        self.assertEqual(webfiles.cache_control("assets/index-1a2b.js"), caddy)
        self.assertIn("?Cache-Control no-cache", CADDYFILE)
        self.assertEqual(webfiles.cache_control("index.html"), "no-cache")


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dist = Path(folder.name)
        (self.dist / "assets").mkdir()
        for name in ("index.html", "icon.svg", "sw.js", "assets/index-new.js", "assets/shared-old.css"):
            (self.dist / name).write_text(name)

    def upload(self) -> list[str]:
        """Uploads to a bucket with an older version. Returns what was written, and then what was deleted."""
        s3 = mock.Mock()
        there = ("index.html", "gone.svg", "assets/index-old.js", "assets/shared-old.css")
        s3.get_paginator.return_value.paginate.return_value = [{"Contents": [{"Key": key} for key in there]}]
        webfiles.upload(s3, "files", webfiles.files(self.dist))
        self.written = {call["Key"]: call for _, _, call in s3.put_object.mock_calls}
        return [*self.written, *(f"-{call['Key']}" for _, _, call in s3.delete_object.mock_calls)]

    def test_a_version_is_complete_before_it_is_served_and_old_assets_stay(self):
        self.assertEqual(self.upload(), ["assets/index-new.js", "icon.svg", "sw.js", "index.html", "-gone.svg"])
        self.assertEqual(self.written["index.html"]["ContentType"], "text/html; charset=utf-8")
        self.assertEqual(self.written["assets/index-new.js"]["ContentType"], "text/javascript; charset=utf-8")
        self.assertEqual(self.written["sw.js"]["CacheControl"], "no-cache")

    def test_unknown_or_missing_files_stop_the_deployment(self):
        (self.dist / "index.wasm").touch()
        with self.assertRaisesRegex(DeploymentFailed, "no content type for index.wasm"):
            webfiles.files(self.dist)
        (self.dist / "index.html").unlink()
        with self.assertRaisesRegex(DeploymentFailed, "has no index.html"):
            webfiles.files(self.dist)


if __name__ == "__main__":
    unittest.main()
