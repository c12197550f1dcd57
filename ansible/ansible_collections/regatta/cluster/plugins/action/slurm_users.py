"""Runs the module slurm_users light, as plugin_utils/light.py says."""

from ansible_collections.regatta.cluster.plugins.plugin_utils.light import ActionModule  # noqa: F401
