using System.Text.Json.Serialization;
using Regatta.Host.Checks;
using Regatta.Host.Libvirt;
using Regatta.Machines;
using Regatta.Machines.Provisioning;

namespace Regatta.Cli.Commands;

/// <summary>A cluster in a list.</summary>
internal sealed record ListedCluster(string Name, string RunId, string State, int? Owner, string? Machines, int Nodes, DateTimeOffset Created, string Directory);

/// <summary>How a node is.</summary>
internal sealed record NodeStatus(string Name, NodeRole Role, string Address, bool Answers, string? System, string? Fault);

/// <summary>What a command on a node gave.</summary>
internal sealed record NodeOutput(string Node, int Code, string Output, string Error);

/// <summary>JSON of the commands about the host and its machines.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(IPAddressJson)],
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(HostCheck)), JsonSerializable(typeof(LibvirtStatus)), JsonSerializable(typeof(ReapReport))]
[JsonSerializable(typeof(Cluster)), JsonSerializable(typeof(ListedCluster)), JsonSerializable(typeof(NodeStatus))]
[JsonSerializable(typeof(NodeOutput))]
internal sealed partial class MachinesCliJson : JsonSerializerContext;
