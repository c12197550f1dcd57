using System.Xml.Linq;
using Regatta.Workloads;

namespace Regatta.Machines;

/// <summary>All that goes into a node.</summary>
/// <param name="Claim">Its cluster.</param>
/// <param name="Spec">What is wanted.</param>
/// <param name="Index">Its place in the cluster, from 0.</param>
/// <param name="Directory">Directory of its own for what it writes; exists.</param>
/// <param name="Console">Where its console goes.</param>
/// <param name="Hosts">Its <c>/etc/hosts</c>.</param>
/// <param name="AuthorizedKey">The public key that it accepts.</param>
/// <param name="HostKey">Its host key.</param>
internal sealed record NodeBuild(ClusterClaim Claim, NodeSpec Spec, int Index, string Directory, string Console, string Hosts, string AuthorizedKey, KeyPair HostKey);

/// <summary>Makes nodes of one kind.</summary>
internal interface INodeKind
{
    /// <summary>What <see cref="Cluster.Machines"/> says: <c>lxc</c>, <c>qemu-kvm</c> or <c>qemu-tcg</c>.</summary>
    MachineKind Machines { get; }

    /// <summary>Makes a node's files and describes its domain.</summary>
    Task<XElement> PrepareAsync(NodeBuild build, CancellationToken cancellation);

    /// <summary>Called when the domain runs, with its description.</summary>
    void Started(NodeBuild build, XElement domain);
}
