using System.Text.Json.Nodes;
using Regatta.Ansible;

namespace Regatta.Tests.Ansible;

public sealed class InventoryTests
{
    [Fact]
    public void Is_written_with_groups_variables_and_the_ssh_configuration()
    {
        var inventory = new Inventory
        {
            SshConfig = "/var/lib/my clusters/ssh_config",
            Variables = ImmutableSortedDictionary<string, JsonNode?>.Empty.Add("cluster_name", "one").Add("template", "{{ lookup('pipe', 'id') }}"),
            Hosts =
            [
                new InventoryHost("head", "heads"),
                new InventoryHost("worker1", "workers") { Variables = ImmutableSortedDictionary<string, JsonNode?>.Empty.Add("slurm_processors", 2) },
            ],
        };

        Assert.Equal(
            """
            {
              "all": {
                "vars": {
                  "cluster_name": "one",
                  "template": {
                    "__ansible_unsafe": "{{ lookup(\u0027pipe\u0027, \u0027id\u0027) }}"
                  },
                  "ansible_ssh_common_args": "-F \u0027/var/lib/my clusters/ssh_config\u0027"
                },
                "children": {
                  "heads": {
                    "hosts": {
                      "head": {}
                    }
                  },
                  "workers": {
                    "hosts": {
                      "worker1": {
                        "slurm_processors": 2
                      }
                    }
                  }
                }
              }
            }

            """,
            inventory.ToJson());
    }
}
