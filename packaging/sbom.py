#!/usr/bin/env python3
"""Prints what a release is made of as CycloneDX 1.7 (JSON): the NuGet packages of its programs with their hashes, and .NET's runtime.

sbom.py SOURCE VERSION EPOCH [IMAGE PACKAGE...]

With packages: those of an image's lock, which a container of the program holds besides.
"""
import base64
import datetime
import json
import pathlib
import sys
import uuid
import xml.etree.ElementTree

PROGRAMS = ('Regatta.Cli', 'Regatta.Agent')


def packages(source):
    """The packages that the programs' lock files name: {(name, version): (sha512, names of what it needs)}."""
    found = {}
    for program in PROGRAMS:
        lock = json.loads((source / 'src' / program / 'packages.lock.json').read_text(encoding='utf-8'))
        for target in lock['dependencies'].values():
            for name, entry in target.items():
                if entry['type'] == 'Project':
                    continue
                key = (name, entry['resolved'])
                needs = found.get(key, (None, set()))[1] | set(entry.get('dependencies', {}))
                found[key] = (entry['contentHash'], needs)
    return found


def purl(name, version):
    return f'pkg:nuget/{name}@{version}'


def component(name, version, sha512):
    entry = {'type': 'library', 'bom-ref': purl(name, version), 'name': name, 'version': version, 'purl': purl(name, version)}
    if sha512:
        entry['hashes'] = [{'alg': 'SHA-512', 'content': base64.b64decode(sha512).hex()}]
    return entry


def debian(source, image, names):
    """Locked packages of an image as components."""
    lock = json.loads((source / 'images' / 'locks' / f'{image}.lock.json').read_text(encoding='utf-8'))
    for package in lock['packages']:
        if package['name'] in names:
            reference = f"pkg:deb/debian/{package['name']}@{package['version'].replace('+', '%2B').replace('~', '%7E')}?arch={package['architecture']}"
            yield {
                'type': 'library', 'bom-ref': reference, 'name': package['name'], 'version': package['version'], 'purl': reference,
                'hashes': [{'alg': 'SHA-256', 'content': package['sha256']}],
            }


def document(source, version, epoch, image=None, names=()):
    found = packages(source)
    versions = {}
    for name, resolved in found:
        versions.setdefault(name, resolved)
    components = [component(name, resolved, sha512) for (name, resolved), (sha512, _) in sorted(found.items())]
    framework = xml.etree.ElementTree.parse(source / 'Directory.Build.props').getroot().findtext('PropertyGroup/TargetFramework')
    runtime = {'type': 'framework', 'bom-ref': 'dotnet-runtime', 'name': '.NET runtime', 'version': framework.removeprefix('net'), 'licenses': [{'license': {'id': 'MIT'}}]}
    charts = {'type': 'library', 'bom-ref': 'echarts', 'name': 'echarts', 'purl': 'pkg:npm/echarts', 'licenses': [{'license': {'id': 'Apache-2.0'}}]}
    main = f'pkg:generic/regatta@{version}'
    debs = list(debian(source, image, names)) if image else []
    needs = [{'ref': main, 'dependsOn': sorted([c['bom-ref'] for c in components + debs] + ['dotnet-runtime', 'echarts'])}]
    for (name, resolved), (_, names) in sorted(found.items()):
        needs.append({'ref': purl(name, resolved), 'dependsOn': sorted(purl(n, versions[n]) for n in names if n in versions)})
    time = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    return {
        'bomFormat': 'CycloneDX',
        'specVersion': '1.7',
        'serialNumber': f'urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, main + (image or ""))}',
        'version': 1,
        'metadata': {
            'timestamp': time,
            'component': {'type': 'application', 'bom-ref': main, 'name': 'regatta', 'version': version, 'purl': main, 'licenses': [{'license': {'id': 'Apache-2.0'}}]},
        },
        'components': [*components, *debs, runtime, charts],
        'dependencies': needs,
    }


if __name__ == '__main__':
    print(json.dumps(document(pathlib.Path(sys.argv[1]), *sys.argv[2:5], sys.argv[5:]), indent=2, sort_keys=True))
