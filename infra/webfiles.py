"""Uploads the files of the browser client to the bucket of infra/web.yaml."""

from pathlib import Path

from deploy import DeploymentFailed

# Files below this have a hash of their content in their name. They are never deleted: pages that are open load parts of the version
# that they began with, and a version costs less than a tenth of a cent a year.
_HASHED = "assets/"
# Not from the mimetypes of Python, which depend on its version and on the machine.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def files(dist: Path) -> dict[str, Path]:
    """Returns the files of a built client by their keys in the bucket. Fails if they cannot be served."""
    found = {path.relative_to(dist).as_posix(): path for path in dist.rglob("*") if path.is_file()}
    if "index.html" not in found:
        raise DeploymentFailed(f"{dist} has no index.html: the client is not built")
    if unknown := sorted(key for key, path in found.items() if path.suffix not in _TYPES):
        raise DeploymentFailed(f"infra/webfiles.py has no content type for {' and '.join(unknown)}")
    return found


def upload(s3, bucket: str, files: dict[str, Path]) -> int:
    """Makes the bucket serve these files. Returns the number of uploaded ones.

    What index.html refers to is uploaded before it, so that at every moment a complete version is served.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {item["Key"] for page in pages for item in page.get("Contents", [])}
    new = [key for key in files if not (key.startswith(_HASHED) and key in there)]
    for key in sorted(new, key=lambda key: (not key.startswith(_HASHED), key == "index.html", key)):
        headers = {"ContentType": _TYPES[files[key].suffix], "CacheControl": cache_control(key)}
        s3.put_object(Bucket=bucket, Key=key, Body=files[key].read_bytes(), **headers)
    for key in there - {*files}:
        if not key.startswith(_HASHED):
            s3.delete_object(Bucket=bucket, Key=key)
    return len(new)


def cache_control(key: str) -> str:
    """Returns how long browsers and CloudFront keep a file."""
    return "public, max-age=31536000, immutable" if key.startswith(_HASHED) else "no-cache"


def empty(s3, bucket: str) -> None:
    """Deletes all files, because a bucket with files cannot be deleted."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])
