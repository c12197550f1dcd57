using Regatta.Experiments.Configuration;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>Whether the clients of a point can call.</summary>
internal static class ClientCheck
{
    /// <summary>What they cannot do.</summary>
    public static IEnumerable<Diagnostic> Faults(Experiment experiment)
    {
        var rates = experiment.Clients.Rates.ToList();
        if (rates.Count == 0) yield break;
        if (experiment.Scheduler.IsReference)
        {
            yield return Diagnostic.Error("clients-simulated", "the reference scheduler is simulated: no client can call it") with { Help = "leave clients.* out, or take a scheduler that runs" };
            yield break;
        }

        if (rates.Sum(r => r.Rate) is > ClientsSection.MostRate and var sum)
            yield return Diagnostic.Error("clients-rate", string.Create(CultureInfo.InvariantCulture, $"all clients together would make {sum:0.##} calls a second")) with { Help = $"the head starts a process for each call, and at most {ClientsSection.MostRate} a second are taken: lower the rates" };
        // One that there is not is told as such.
        if (KnownSchedulers.TryFind(experiment.Scheduler.Name) is not { } scheduler) yield break;
        foreach (var (kind, _) in rates.Where(r => scheduler.Client(r.Kind, experiment.Options()) is null))
        {
            yield return Diagnostic.Error("clients-unsupported", $"{scheduler.Name} has nothing to call for clients.{kind.Name()}") with
            {
                Help = kind == ClientKind.History && scheduler.Name == "slurm" ? "sacct asks a database: scheduler.slurm.accounting=true" : $"clients.{kind.Name()}=0; docs/clients.md says what each scheduler has",
            };
        }
    }
}
