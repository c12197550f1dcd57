using System.Collections.Immutable;
using Regatta.Diagnostics;
using Regatta.Schedulers.Flux;
using Regatta.Schedulers.Kubernetes;
using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Volcano;

namespace Regatta.Schedulers;

/// <summary>The schedulers that can be raced.</summary>
public static class KnownSchedulers
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<IScheduler> All { get; } = [new SlurmScheduler(), new FluxScheduler(), new KubernetesScheduler(), new VolcanoScheduler()];

    /// <summary>The scheduler that an image is made for, the first of several; null where the image is another one.</summary>
    public static IScheduler? OfImage(string? image) => All.FirstOrDefault(s => s.Image == image);

    /// <summary>The scheduler of a name.</summary>
    /// <exception cref="DiagnosticException">There is none.</exception>
    public static IScheduler Find(string name) =>
        All.FirstOrDefault(s => s.Name == name)
        ?? throw new DiagnosticException(Diagnostic.Error("scheduler-unknown", $"no scheduler is called '{name}'") with
        {
            Help = Suggestion.Help(name, [.. All.Select(s => s.Name)]),
        });
}
