"""The same for programs."""

from typing import Any

from clara.plugins.survey import Surveyed


def as_json(each: Surveyed) -> dict[str, Any]:
    plugin = each.plugin
    return {
        "id": plugin.id,
        "name": plugin.name,
        "owner": plugin.owner,
        "kind": plugin.kind,
        "source": plugin.source,
        "state": plugin.state,
        "fault": plugin.fault,
        "version": plugin.launch.version,
        "digest": plugin.launch.digest,
        "url": plugin.launch.url,
        "hosts": list(plugin.launch.hosts),
        "variables": list(plugin.launch.secrets),
        "installed_by": plugin.installed_by,
        "shown_as": each.mark,
        "tools": [
            {
                "name": standing.called,
                "tool": standing.tool.name,
                "description": standing.tool.description,
                "effect": standing.nature.effect,
                "risk": standing.nature.risk,
                "on": plugin.state == "enabled" and not standing.off,
                "off": standing.off,
                "warnings": list(standing.warnings),
            }
            for standing in each.tools
        ],
    }
