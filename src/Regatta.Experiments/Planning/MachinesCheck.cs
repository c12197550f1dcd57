using Regatta.Experiments.Configuration;
using Regatta.Host;
using Regatta.Machines;

namespace Regatta.Experiments.Planning;

/// <summary>Whether machines that exist can be reached as they are named, and are as many as the cluster wants.</summary>
internal static class MachinesCheck
{
    /// <summary>What is wrong with them.</summary>
    public static IEnumerable<Diagnostic> Faults(Experiment experiment)
    {
        if (experiment.Machines.Driver != MachineDriver.Ssh || experiment.Scheduler.IsReference) yield break;
        foreach (var fault in experiment.Machines.Hosts.SelectMany(host => SshAddress.Faults($"node '{host.Name}'", host.Address, host.User))) yield return fault;
        if (experiment.Machines.Identity is { } key && !File.Exists(key.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), key[2..]) : key))
            yield return Diagnostic.Warning("machines-identity", $"machines.identity names the key '{key}', which is not on this machine") with { Help = "give the path of a private key where the run starts, or leave it out for those of ssh itself" };
        if (experiment.Machines.Hosts.Count(h => h.Role == NodeRole.Worker) is var workers && workers != experiment.Cluster.Workers)
        {
            yield return Diagnostic.Error("cluster-hosts", $"machines.hosts names {workers} workers, and cluster.workers is {experiment.Cluster.Workers}") with
            {
                Help = "make cluster.workers the number of hosts whose role is worker",
            };
        }
    }
}
