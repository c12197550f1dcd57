#!/usr/bin/env python3
"""Writes the program as an OCI archive: an image layout in a tar, of a layer with the libraries that it needs and a layer with the program itself.

oci.py TREE DEBS VERSION COMMIT EPOCH OUTPUT

TREE is the release's tree, DEBS a directory of Debian packages; nothing of the host gets in. The same input gives the same bytes.
"""
import hashlib
import io
import json
import os
import pathlib
import stat
import subprocess
import sys
import tarfile
import tempfile

MEDIA = 'application/vnd.oci.image'
ACCOUNTS = {
    'etc/passwd': 'root:x:0:0:root:/root:/usr/sbin/nologin\nregatta:x:1000:1000:regatta:/work:/usr/sbin/nologin\n',
    'etc/group': 'root:x:0:\nregatta:x:1000:\n',
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
}
# What nobody reads in a container; the licences stay.
LEFT_OUT = ('usr/share/man/', 'usr/share/locale/', 'usr/share/info/', 'usr/share/lintian/', 'usr/share/bug/', 'usr/lib/x86_64-linux-gnu/gconv/')


class Layer:
    """A layer in the making: what it holds by name, in the order of the names."""

    def __init__(self, epoch):
        self.epoch = epoch
        self.entries = {}

    def directory(self, name, mode=0o755, owner=0):
        """A directory, and those above it."""
        parent = os.path.dirname(name)
        if parent and parent not in self.entries:
            self.directory(parent)
        entry = self.entries[name] = tarfile.TarInfo(name + '/'), None
        entry[0].type, entry[0].mode, entry[0].uid, entry[0].gid = tarfile.DIRTYPE, mode, owner, owner

    def file(self, name, content, mode=0o644):
        """A file of bytes."""
        self.directory_of(name)
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), mode
        self.entries[name] = info, content

    def link(self, name, target):
        """A symbolic link."""
        self.directory_of(name)
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, 0o777
        self.entries[name] = info, None

    def directory_of(self, name):
        """The directory that something lies in."""
        parent = os.path.dirname(name)
        if parent and parent not in self.entries:
            self.directory(parent)

    def tree(self, root, below):
        """All that lies below a directory of the host; owners and times are those of the layer."""
        for path in sorted(pathlib.Path(root).rglob('*')):
            relative = str(path.relative_to(root))
            if any(f'{relative}/'.startswith(part) for part in LEFT_OUT):
                continue
            name = f'{below}/{relative}' if below else relative
            if path.is_symlink():
                self.link(name, os.readlink(path))
            elif path.is_dir():
                if name not in self.entries:
                    self.directory(name)
            else:
                self.file(name, path.read_bytes(), 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)

    def bytes(self):
        """The layer as a tar."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w', format=tarfile.GNU_FORMAT) as tar:
            for _, (info, content) in sorted(self.entries.items()):
                info.mtime = self.epoch
                tar.addfile(info, io.BytesIO(content) if content is not None else None)
        return out.getvalue()


def libraries(debs, epoch):
    """The layer with what the program needs of a system."""
    layer = Layer(epoch)
    with tempfile.TemporaryDirectory() as root:
        for deb in sorted(pathlib.Path(debs).glob('*.deb')):
            subprocess.run(['dpkg-deb', '--extract', deb, root], check=True)
        layer.tree(root, '')
    for name, text in ACCOUNTS.items():
        layer.file(name, text.encode())
    layer.directory('tmp', 0o1777)
    layer.directory('root', 0o700)
    layer.directory('work', 0o755, 1000)
    return layer.bytes()


def program(tree, epoch):
    """The layer with the program."""
    layer = Layer(epoch)
    layer.tree(tree, 'usr/lib/regatta')
    # The program itself: the script of the release would start a shell for it.
    layer.link('usr/bin/regatta', '../lib/regatta/lib/regatta')
    return layer.bytes()


def main(tree, debs, version, commit, epoch, output):
    """Writes the archive."""
    epoch = int(epoch)
    created = subprocess.run(['date', '-u', '-d', f'@{epoch}', '+%Y-%m-%dT%H:%M:%SZ'], check=True, capture_output=True, text=True).stdout.strip()
    blobs = {}

    def blob(content, media):
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {'mediaType': f'{MEDIA}.{media}', 'digest': f'sha256:{digest}', 'size': len(content)}

    def document(value):
        return json.dumps(value, sort_keys=True, separators=(',', ':')).encode()

    layers, plain, history = [], [], []
    for content, what in ((libraries(debs, epoch), 'libraries of Debian 12'), (program(tree, epoch), f'regatta {version}')):
        plain.append('sha256:' + hashlib.sha256(content).hexdigest())
        packed = subprocess.run(['gzip', '-n', '-6'], input=content, check=True, capture_output=True).stdout
        layers.append(blob(packed, 'layer.v1.tar+gzip'))
        history.append({'created': created, 'created_by': what})
    labels = {
        'org.opencontainers.image.created': created,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.revision': commit,
        'org.opencontainers.image.title': 'regatta',
        'org.opencontainers.image.version': version,
    }
    config = blob(document({
        'architecture': 'amd64',
        'os': 'linux',
        'created': created,
        'config': {
            'User': '1000:1000',
            'Env': ['PATH=/usr/bin:/bin', 'HOME=/work'],
            'Entrypoint': ['/usr/bin/regatta'],
            'Cmd': ['--help'],
            'WorkingDir': '/work',
            'Labels': labels,
        },
        'rootfs': {'type': 'layers', 'diff_ids': plain},
        'history': history,
    }), 'config.v1+json')
    manifest = blob(document({'schemaVersion': 2, 'mediaType': f'{MEDIA}.manifest.v1+json', 'config': config, 'layers': layers, 'annotations': labels}), 'manifest.v1+json')
    name = {'org.opencontainers.image.ref.name': version, 'io.containerd.image.name': f'localhost/regatta:{version}'}
    index = document({'schemaVersion': 2, 'mediaType': f'{MEDIA}.index.v1+json', 'manifests': [{**manifest, 'annotations': name, 'platform': {'architecture': 'amd64', 'os': 'linux'}}]})
    layout = Layer(epoch)
    layout.file('oci-layout', document({'imageLayoutVersion': '1.0.0'}))
    layout.file('index.json', index)
    for digest, content in blobs.items():
        layout.file(f'blobs/sha256/{digest}', content)
    pathlib.Path(output).write_bytes(layout.bytes())


if __name__ == '__main__':
    main(*sys.argv[1:])
