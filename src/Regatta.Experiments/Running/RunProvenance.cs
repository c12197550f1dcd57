using Regatta.Images;
using Regatta.Machines;
using Regatta.Runs;

namespace Regatta.Experiments.Running;

/// <summary><c>provenance.json</c> of a run: written at its start, and again when a step adds what it made. What an earlier sitting added stays.</summary>
public sealed class RunProvenance
{
    private readonly string _directory;
    private readonly Lock _gate = new();
    private Provenance _content;

    /// <summary>Writes what is known at the start of a sitting.</summary>
    /// <param name="directory">The run directory, or that of a trial that is run by itself.</param>
    /// <param name="content">What is known.</param>
    public RunProvenance(string directory, Provenance content)
    {
        _directory = directory;
        _content = RunDirectory.ReadProvenance(directory) is { } before ? content.With(before) : content;
        RunDirectory.WriteProvenance(directory, _content);
    }

    /// <summary>Adds a cluster, and the image that its nodes were booted from.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="scheduler">The scheduler that it was made for.</param>
    /// <param name="image">The image; null for machines that exist.</param>
    public void Add(Cluster cluster, string scheduler, Image? image) => Change(content => content with
    {
        Images = Images(content, image, cluster.ImageHash),
        Clusters = With(content.Clusters, cluster.Name, ProvenanceSource.Of(cluster, scheduler)),
    });

    /// <summary>Adds the version that a scheduler says it has; where points have several, all stand there, divided by commas.</summary>
    public void Add(string scheduler, string version) => Change(content =>
    {
        var known = content.Schedulers?.GetValueOrDefault(scheduler)?.Split(", ") ?? [];
        return content with { Schedulers = With(content.Schedulers, scheduler, string.Join(", ", known.Append(version).Distinct().Order(StringComparer.Ordinal))) };
    });

    private static ImmutableSortedDictionary<string, ImageFacts>? Images(Provenance content, Image? image, string? hash)
    {
        if (image is null) return content.Images;
        var images = With(content.Images, image.Name, ProvenanceSource.Of(image, hash));
        return image.Beside is { } beside ? With(images, beside.Name, ProvenanceSource.Of(beside, beside.Manifest.Files.GetValueOrDefault("rootfs.tar"))) : images;
    }

    private void Change(Func<Provenance, Provenance> change)
    {
        lock (_gate)
        {
            _content = change(_content);
            RunDirectory.WriteProvenance(_directory, _content);
        }
    }

    private static ImmutableSortedDictionary<string, T> With<T>(ImmutableSortedDictionary<string, T>? part, string name, T value) =>
        (part ?? ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal)).SetItem(name, value);
}
