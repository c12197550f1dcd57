using System.Xml.Linq;

namespace Regatta.Machines;

/// <summary>Whose a libvirt object is; stands in its metadata.</summary>
/// <param name="State">Id of the state directory that made it.</param>
/// <param name="Cluster">Id of the cluster.</param>
/// <param name="Name">Name of the cluster.</param>
/// <param name="Run">Id of the run.</param>
public sealed record Ownership(string State, string Cluster, string Name, string Run)
{
    /// <summary>The namespace of the metadata.</summary>
    public static XNamespace Namespace { get; } = "urn:regatta:owner:1";

    /// <summary>The <c>metadata</c> element of a domain or network.</summary>
    public XElement ToMetadata() => new("metadata", new XElement(
        Namespace + "owner",
        new XAttribute(XNamespace.Xmlns + "regatta", Namespace.NamespaceName),
        new XAttribute("state", State),
        new XAttribute("cluster", Cluster),
        new XAttribute("name", Name),
        new XAttribute("run", Run)));

    /// <summary>Reads it from the description of a domain or network; null when Regatta did not make that.</summary>
    public static Ownership? Of(XElement description) =>
        description?.Element("metadata")?.Element(Namespace + "owner") is { } owner
            ? new Ownership(Text(owner, "state"), Text(owner, "cluster"), Text(owner, "name"), Text(owner, "run"))
            : null;

    private static string Text(XElement element, string name) => element.Attribute(name)?.Value ?? "";
}
