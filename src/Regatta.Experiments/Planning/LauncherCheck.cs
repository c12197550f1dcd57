using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Host;
using Regatta.Machines;
using Regatta.Runs;

namespace Regatta.Experiments.Planning;

/// <summary>Whether the launcher can run the trials.</summary>
internal static class LauncherCheck
{
    /// <summary>What it cannot do.</summary>
    public static IEnumerable<Diagnostic> Faults(Experiment experiment, IReadOnlyList<ComposedPoint> points)
    {
        var launcher = experiment.Launcher;
        if (points.Where(p => p.Experiment.Launcher.Name != launcher.Name).Select(p => p.Name).ToList() is { Count: > 0 } others)
        {
            yield return Diagnostic.Error("launcher-point", $"the point {others[0]} has a launcher of its own") with { Help = "a run has one launcher: set it for the experiment, such as launcher=slurm" };
            yield break;
        }

        if (launcher.Name == LauncherName.Local) yield break;
        var name = launcher.Name.ToString().ToLowerInvariant();
        var real = points.Where(p => !p.Experiment.Scheduler.IsReference).ToList();
        if (launcher.Name != LauncherName.Ssh && real.Count > 0)
        {
            yield return Diagnostic.Error("launcher-machines", $"launcher={name} runs simulated trials only, and {Named(real)} {(real.Count == 1 ? "takes" : "take")} machines") with
            {
                Help = "trials on machines need root and quiet processors: launcher=local, or launcher=ssh for several hosts, of which each runs one at a time",
            };
        }

        if (launcher.Name == LauncherName.Ssh && real.Where(p => p.Experiment.Machines.Driver == MachineDriver.Ssh).ToList() is { Count: > 0 } existing)
        {
            yield return Diagnostic.Error("launcher-machines", $"launcher=ssh has each host make its own machines, and {Named(existing)} {(existing.Count == 1 ? "takes" : "take")} machines that exist (machines=ssh), which several hosts would use at once") with
            {
                Help = "launcher=local for these; or machines=lxc, which each host makes",
            };
        }

        if (launcher.Name == LauncherName.Ssh && launcher.Ssh.Hosts.Count > 1 && real.Where(p => p.Experiment.Machines.Driver == MachineDriver.Auto).ToList() is { Count: > 0 } either)
        {
            yield return Diagnostic.Error("launcher-machines", $"machines=auto may be virtual machines on one host and containers on another, and {Named(either)} would be measured on both") with
            {
                Help = "say which: machines=lxc or machines=qemu",
            };
        }

        if (experiment.Measure.Precision is not null || experiment.Measure.Budget is not null)
            yield return Diagnostic.Error("launcher-early-end", $"launcher={name} gives all trials away at once, and measure.precision or measure.budget would end them early") with { Help = "leave these out, or take launcher=local" };
        if (launcher.Name == LauncherName.Kubernetes && launcher.Kubernetes.Image is null)
        {
            yield return Diagnostic.Error("launcher-kubernetes", "launcher=kubernetes has no image") with
            {
                Help = "launcher.kubernetes.image=NAME, one with glibc, libstdc++, OpenSSL's libssl and a shell, such as the OCI archive of a release; the program itself comes by the volume",
            };
        }

        if (launcher.Name == LauncherName.Kubernetes && launcher.Kubernetes.Volume.Path is not ['/', _, ..])
        {
            yield return Diagnostic.Error("launcher-kubernetes", "launcher=kubernetes has no volume that the pods and this machine share") with
            {
                Help = "launcher.kubernetes.volume.path=DIRECTORY where this machine sees it, which pods get at the same path; with launcher.kubernetes.volume.claim=NAME for the volume of a claim, else that directory of the nodes. docs/launchers.md says what to do where there is none",
            };
        }

        if (launcher.Name == LauncherName.Ssh && launcher.Ssh.Hosts.Count == 0)
            yield return Diagnostic.Error("launcher-hosts", "launcher=ssh has no hosts") with { Help = "launcher.ssh.hosts=[{address: n1, parallel: 8}]" };
        foreach (var fault in launcher.Ssh.Hosts.SelectMany(host => SshAddress.Faults($"the host '{host.Label}' of launcher.ssh", host.Address, host.User))) yield return fault;
        if (launcher.Ssh.Hosts.GroupBy(h => h.Label, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twin)
            yield return Diagnostic.Error("launcher-hosts", $"two hosts are called '{twin.Key}'") with { Help = "name them apart: {address: n1, name: first}" };
    }

    private static string Named(List<ComposedPoint> points) => $"{(points.Count == 1 ? "the point" : "the points")} {string.Join(", ", points.Take(4).Select(p => p.Name))}{(points.Count > 4 ? ", …" : "")}";

    /// <summary>Whether what a point does could not be told from what its node does, by how the trials are laid out.</summary>
    public static IEnumerable<Diagnostic> Layout(LauncherSection launcher, IReadOnlyList<PlannedTrial> trials, IReadOnlySet<string> machines)
    {
        if (launcher.Name == LauncherName.Local || launcher.Keep == LauncherKeep.Point) yield break;
        if (TaskPlan.Confounded(TaskPlan.Tasks(trials, launcher, machines)) is not { Count: > 0 } alone) yield break;
        yield return Diagnostic.Error("launcher-confounded", $"all trials of {string.Join(", ", alone.Take(4))}{(alone.Count > 4 ? ", …" : "")} would run on one node each, without another point: a difference of points may be one of nodes") with
        {
            Help = "launcher.keep=block keeps each block on one node; or lower launcher.trials, or shuffle the plan (measure.order); launcher.keep=point where that is what you want",
        };
    }
}
