using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Regatta.Machines;

/// <summary>
/// What a cluster is going to hold, written before any of it is made: whoever finds a claim without an owner can remove everything
/// that belongs to it. Kept as <c>claim.json</c>.
/// </summary>
/// <param name="Id">Eight hexadecimal digits, made at random.</param>
/// <param name="Name">Name of the cluster.</param>
/// <param name="RunId">Id of the run.</param>
/// <param name="StateId">Id of the state directory.</param>
/// <param name="Driver">How its machines are had.</param>
/// <param name="Created">When it was claimed.</param>
public sealed record ClusterClaim(string Id, string Name, string RunId, string StateId, MachineDriver Driver, DateTimeOffset Created)
{
    /// <summary>True when it outlives the program that made it; said only once it is up.</summary>
    public bool Kept { get; init; }

    /// <summary>libvirt connection of its machines; null before it is known and for existing machines.</summary>
    public string? LibvirtUri { get; init; }

    /// <summary>Third byte of its network <c>10.213.N.0/24</c>; null before it is chosen and for existing machines.</summary>
    public byte? Subnet { get; init; }

    /// <summary>Name of its network and bridge: at most 15 bytes.</summary>
    [JsonIgnore]
    public string Bridge => "rg" + Id;

    /// <summary>What stands in the metadata of its libvirt objects.</summary>
    [JsonIgnore]
    public Ownership Ownership => new(StateId, Id, Name, RunId);

    /// <summary>Name of a node's domain.</summary>
    public string Domain(string node) => $"regatta-{Name}-{node}";

    /// <summary>Name of the cgroup that a container makes for itself where libvirt gives it none.</summary>
    public string Cgroup(string node) => $"regatta-{StateId}-{Id}-{node}";

    /// <summary>Address of the host on the cluster's network.</summary>
    [JsonIgnore]
    public IPAddress Gateway => Address(1);

    /// <summary>Address of a node by its place in the cluster, from 0.</summary>
    public IPAddress NodeAddress(int index) => Address(10 + index);

    /// <summary>Hardware address of a node by its place in the cluster, from 0.</summary>
    public string NodeMac(int index)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Id}/{index}")));
        return string.Create(CultureInfo.InvariantCulture, $"52:54:00:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}");
    }

    private IPAddress Address(int last) =>
        new([10, Subnets.SecondByte, Subnet ?? throw new InvalidOperationException("the network is not chosen yet"), checked((byte)last)]);
}
