"""`aws`, `docker` and `python3` as a build host under test has them: they answer from a file, and write down each call.

    python stand_in.py FOLDER PROGRAM ARGUMENT...

The folder holds `world.json`, see `build_host.World`, and `calls.jsonl`.
"""

import json
import sys
from pathlib import Path

import jmespath

BUILT = "sha256:" + "b" * 64
"""What a push is known by."""


def manifest(digest):
    """A manifest as it is kept, with all that a shell could spoil."""
    return f'{{\n   "schemaVersion": 2,\n\t"config": "{digest} $HOME * \\n"\n}}'


def aws(world, service, operation, *options):
    """The AWS CLI: what a service replies, by the query that is asked."""
    if (service, operation) == ("ecr", "get-login-password"):
        return "s3cret"
    given = dict(zip(options[::2], options[1::2], strict=True))
    if operation == "batch-get-image":
        reply = images(world["images"], *given["--image-ids"].split("="))
    elif operation == "put-image":
        reply = put(world["images"], given["--image-tag"], given["--image-manifest"])
    else:
        reply = world["replies"][f"{service} {operation}"]
    found = jmespath.search(given["--query"], reply) if "--query" in given else reply
    if not (found is None or isinstance(found, str)) and "--query" in given:
        sys.exit(f"--query {given['--query']} finds more than a text: {found}")
    return str(found)


def images(tags, kind, value):
    """BatchGetImage."""
    digest = tags.get(value) if kind == "imageTag" else value
    if digest not in tags.values():
        return {"images": [], "failures": [{"imageId": {kind: value}, "failureCode": "ImageNotFound"}]}
    image = {"imageId": {"imageDigest": digest, kind: value}, "imageManifest": manifest(digest)}
    return {"images": [image], "failures": []}


def put(tags, tag, text):
    """PutImage, which does not move what is there already."""
    (digest,) = {known for known in tags.values() if manifest(known) == text}
    if tags.get(tag) == digest:
        sys.exit("An error occurred (ImageAlreadyExistsException) when calling the PutImage operation")
    tags[tag] = digest
    return {"image": {"imageId": {"imageDigest": digest, "imageTag": tag}, "imageManifest": text}}


def docker(world, command, *arguments):
    """Docker, which pushes a tag once."""
    if command == "push":
        tag = arguments[-1].rpartition(":")[2]
        if tag in world["images"]:
            sys.exit(f"tag invalid: The image tag '{tag}' already exists")
        world["images"][tag] = BUILT
    return f"docker {command}"


def main(folder, program, *arguments):
    """Answer one call."""
    # What stands at the end of a pipe is written down after what stands before it.
    typed = sys.stdin.read() if "--password-stdin" in arguments else ""
    text = (folder / "world.json").read_text()
    world = json.loads(text)
    with (folder / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps([program, *arguments]) + "\n")
    if " ".join([program, *arguments]).startswith(tuple(world["fails"])):
        return 1
    if program != "python3":
        print({"aws": aws, "docker": docker}[program](world, *arguments), *typed.split())
    if world != json.loads(text):
        (folder / "world.json").write_text(json.dumps(world))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
