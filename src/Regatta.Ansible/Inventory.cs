using System.Text.Json;
using System.Text.Json.Nodes;

namespace Regatta.Ansible;

/// <summary>A host of an inventory.</summary>
/// <param name="Name">Its name in the inventory and in the OpenSSH configuration.</param>
/// <param name="Group">The group it belongs to: <c>heads</c> or <c>workers</c>.</param>
public sealed record InventoryHost(string Name, string Group)
{
    /// <summary>Its variables: numbers, booleans, text, lists and maps of these.</summary>
    public ImmutableSortedDictionary<string, JsonNode?> Variables { get; init; } = ImmutableSortedDictionary<string, JsonNode?>.Empty;
}

/// <summary>The hosts that a playbook is for, and what it needs to know of them. Holds no secrets, only the names of files with secrets.</summary>
public sealed record Inventory
{
    /// <summary>The hosts, in the order in which their groups list them.</summary>
    public required ImmutableArray<InventoryHost> Hosts { get; init; }

    /// <summary>Variables of all hosts.</summary>
    public ImmutableSortedDictionary<string, JsonNode?> Variables { get; init; } = ImmutableSortedDictionary<string, JsonNode?>.Empty;

    /// <summary>OpenSSH configuration that knows every host by its name, with its host key.</summary>
    public required string SshConfig { get; init; }

    /// <summary>
    /// The inventory as a file that Ansible reads (JSON, which its YAML inventory takes), the same text for the same inventory.
    /// Text is marked so that Ansible takes it as it is and never as a template.
    /// </summary>
    public string ToJson()
    {
        var groups = new JsonObject();
        foreach (var group in Hosts.GroupBy(h => h.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var hosts = new JsonObject();
            foreach (var host in group) hosts[host.Name] = Literal(host.Variables);
            groups[group.Key] = new JsonObject { ["hosts"] = hosts };
        }

        var variables = Literal(Variables);
        variables["ansible_ssh_common_args"] = "-F " + ShellWord(SshConfig);
        return new JsonObject { ["all"] = new JsonObject { ["vars"] = variables, ["children"] = groups } }
            .ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonObject Literal(ImmutableSortedDictionary<string, JsonNode?> variables) =>
        new(variables.Select(v => KeyValuePair.Create(v.Key, Literal(v.Value))));

    private static JsonNode? Literal(JsonNode? value) => value switch
    {
        JsonObject map => new JsonObject(map.Select(v => KeyValuePair.Create(v.Key, Literal(v.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Literal)]),
        JsonValue text when text.TryGetValue<string>(out var content) && content.Contains('{', StringComparison.Ordinal) =>
            new JsonObject { ["__ansible_unsafe"] = content },
        _ => value?.DeepClone(),
    };

    private static string ShellWord(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
