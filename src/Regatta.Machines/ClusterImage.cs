using Regatta.Host;
using Regatta.Images;

namespace Regatta.Machines;

/// <summary>What the image of a cluster's nodes holds: its manifest, kept as <c>image.json</c> in the cluster's directory.</summary>
public static class ClusterImage
{
    /// <summary>The manifest; null for machines that exist, and for clusters of earlier programs.</summary>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">It is not one any more.</exception>
    public static ImageManifest? Of(Cluster cluster) => File.Exists(FileOf(cluster)) ? ImageContract.ReadManifest(FileOf(cluster)) : null;

    internal static void Keep(Cluster cluster, Image image) =>
        DurableFile.Write(FileOf(cluster), File.ReadAllText(Path.Combine(image.Directory, "manifest.json")), DurableFile.Private);

    private static string FileOf(Cluster cluster) => Path.Combine(cluster.Directory, "image.json");
}
