using Regatta.Images;
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

    /// <summary>The scheduler that an image holds, the first of several; null where it holds none of them.</summary>
    public static IScheduler? OfImage(ImageManifest? image) => image is null ? null : All.FirstOrDefault(s => s.IsIn(image));

    /// <summary>The scheduler of a name; null where there is none.</summary>
    public static IScheduler? TryFind(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>The scheduler of a name.</summary>
    /// <exception cref="DiagnosticException">There is none.</exception>
    public static IScheduler Find(string name) =>
        TryFind(name)
        ?? throw new DiagnosticException(Diagnostic.Error("scheduler-unknown", $"no scheduler is called '{name}'") with
        {
            Help = Suggestion.Help(name, [.. All.Select(s => s.Name)]),
        });
}
