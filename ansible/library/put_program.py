#!/usr/bin/python3
"""The documentation of action_plugins/put_program.py, which does all the work."""

DOCUMENTATION = r"""
module: put_program
short_description: Puts a program of this machine on a node in one transfer and one command
description: >
  The program belongs to root, everybody may run it, and it takes the place of the one before at once. The node is not looked at: what is there
  is said by found, as node_base found it.
options:
  src: {description: The file here., type: path, required: true}
  dest: {description: Its path there; the directory exists., type: path, required: true}
  checksum: {description: "sha256 of src; without it the program is put there in any case.", type: str}
  found: {description: "sha256 of what is there, empty when nothing is.", type: str}
author: Regatta
"""
