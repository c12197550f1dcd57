using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Launching;

/// <summary>The commands of Slurm that a user has: they need no accounting.</summary>
internal sealed partial class SlurmQueue(SlurmLauncherSection settings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    // All other states are ends.
    private static readonly HashSet<string> Active =
        ["PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESIZING", "RESV_DEL_HOLD", "SIGNALING", "SPECIAL_EXIT", "STAGE_OUT", "STOPPED"];

    /// <summary>Directory of Slurm's commands; null for those on the PATH.</summary>
    public string? Commands { get; init; }

    /// <summary>What an array may hold at most: its greatest index is one less than the site's <c>MaxArraySize</c>.</summary>
    /// <exception cref="DiagnosticException">Slurm is not there, or does not answer.</exception>
    public async Task<int> LargestArrayAsync(CancellationToken cancellation)
    {
        var config = await RequireAsync("scontrol", ["show", "config"], cancellation);
        return MaxArraySize().Match(config) is { Success: true } found && int.Parse(found.Groups["size"].Value, CultureInfo.InvariantCulture) is > 0 and var size ? size : 1001;
    }

    /// <summary>All tasks of the jobs whose names begin so, in one question; null when Slurm does not answer just now.</summary>
    public async Task<IReadOnlyList<QueuedTask>?> TasksAsync(string prefix, CancellationToken cancellation)
    {
        var result = await RunAsync("squeue", ["--noheader", "--array", "--states=all", "--user=" + Environment.UserName, "--format=%j|%i|%T|%r"], cancellation);
        return result.ExitCode == 0 ? Parse(result.StandardOutput, prefix) : null;
    }

    /// <summary>The tasks in what <c>squeue --format=%j|%i|%T|%r</c> says.</summary>
    internal static IReadOnlyList<QueuedTask> Parse(string output, string prefix) =>
    [
        .. output.Split('\n').Select(line => line.Trim().Split('|')).Where(f => f.Length >= 4 && f[0].StartsWith(prefix, StringComparison.Ordinal)).Select(f =>
            new QueuedTask(f[0], int.TryParse(f[1][(f[1].IndexOf('_', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture, out var index) ? index : 0, f[2], f[3], Active.Contains(f[2]))),
    ];

    /// <summary>Submits a script; what the user asked for is put before it.</summary>
    /// <returns>Number of the job.</returns>
    /// <exception cref="DiagnosticException">Slurm refuses it.</exception>
    public async Task<string> SubmitAsync(string name, IEnumerable<string> options, IEnumerable<string> lines, CancellationToken cancellation)
    {
        var script = string.Join('\n', ["#!/bin/sh", .. Options(name).Concat(options).Select(o => "#SBATCH " + o), .. lines, ""]);
        // Where the controller takes no more jobs sbatch does not fail: it sleeps and tries again, for minutes.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var output = await RequireAsync("sbatch", ["--parsable"], patience.Token, script);
            return output.Trim().Split('\n')[^1].Split(';')[0];
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new DiagnosticException(Refusal("sbatch", "it slept and tried again, as where Slurm is temporarily unable to accept jobs"), exception);
        }
    }

    /// <summary>Exit code of a job that has ended, while Slurm remembers it; null when it does not.</summary>
    public async Task<int?> ExitCodeAsync(string job, CancellationToken cancellation)
    {
        var result = await RunAsync("scontrol", ["--oneliner", "show", "job", job], cancellation);
        return ExitCode().Match(result.StandardOutput) is { Success: true } found ? int.Parse(found.Groups["code"].Value, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Takes jobs out of the queue.</summary>
    public Task CancelAsync(IEnumerable<string> jobs, CancellationToken cancellation) => RunAsync("scancel", [.. jobs], cancellation);

    private IEnumerable<string> Options(string name)
    {
        yield return "--job-name=" + name;
        yield return string.Create(CultureInfo.InvariantCulture, $"--time={Math.Ceiling(settings.Time.TotalMinutes)}");
        yield return string.Create(CultureInfo.InvariantCulture, $"--mem={settings.Memory.MiB}M");
        yield return string.Create(CultureInfo.InvariantCulture, $"--ntasks=1 --cpus-per-task={settings.Processors}");
        foreach (var (option, value) in Named(settings)) yield return $"--{option}={value}";

        foreach (var extra in settings.Extra) yield return extra;
    }

    /// <summary>Options that the user sets by name, where they are set.</summary>
    private static IEnumerable<(string Option, string Value)> Named(SlurmLauncherSection settings)
    {
        foreach (var (option, value) in new[] { ("partition", settings.Partition), ("account", settings.Account), ("qos", settings.Qos), ("constraint", settings.Constraint) })
        {
            if (value is not null) yield return (option, value);
        }
    }

    private async Task<string> RequireAsync(string command, string[] arguments, CancellationToken cancellation, string input = "")
    {
        var result = await RunAsync(command, arguments, cancellation, input);
        return result.ExitCode == 0 ? result.StandardOutput : throw new DiagnosticException(Refusal(command, result.StandardError.Trim()));
    }

    /// <summary>Why Slurm refused, by its own words.</summary>
    internal static Diagnostic Refusal(string command, string words)
    {
        var (summary, help) = words switch
        {
            _ when words.Contains("temporarily unable", StringComparison.OrdinalIgnoreCase) => ("Slurm takes no more tasks for now", "each task of an array counts towards MaxJobCount ('scontrol show config'): make fewer of them, such as launcher.trials=100"),
            _ when words.Contains("invalid partition", StringComparison.OrdinalIgnoreCase) => ("Slurm has no such partition", "'sinfo' shows which there are: launcher.slurm.partition=NAME"),
            _ when words.Contains("Invalid account", StringComparison.OrdinalIgnoreCase) => ("Slurm does not take the account for this user and partition", "'sacctmgr show associations user=$USER' shows which there are: launcher.slurm.account=NAME"),
            _ when words.Contains("Invalid qos", StringComparison.OrdinalIgnoreCase) => ("Slurm does not take the quality of service", "launcher.slurm.qos=NAME, or null for the site's default"),
            _ when words.Contains("feature specification", StringComparison.OrdinalIgnoreCase) => ("no node has the features that are asked for", "change launcher.slurm.constraint"),
            _ when words.Contains("time limit", StringComparison.OrdinalIgnoreCase) => ("Slurm does not take the time limit", "lower launcher.slurm.time; 'sinfo -o \"%P %l\"' shows the partitions' limits"),
            _ when words.Contains("array", StringComparison.OrdinalIgnoreCase) => ("Slurm does not take so large an array", "make fewer tasks of the trials: launcher.trials=100"),
            _ when words.Contains("node configuration", StringComparison.OrdinalIgnoreCase) || words.Contains("CPU count", StringComparison.OrdinalIgnoreCase) || words.Contains("Memory specification", StringComparison.OrdinalIgnoreCase) => ("no node is as large as a task asks for", "lower launcher.slurm.processors or launcher.slurm.memory"),
            _ when words.Contains("violates", StringComparison.OrdinalIgnoreCase) || words.Contains("limit", StringComparison.OrdinalIgnoreCase) => ("a limit of the site keeps the tasks out", "make fewer tasks of the trials, such as launcher.trials=100, or ask for less"),
            _ when words.Contains("contact", StringComparison.OrdinalIgnoreCase) || words.Contains("connect", StringComparison.OrdinalIgnoreCase) => ("Slurm's controller does not answer", "'scontrol ping' asks it; go on later with: regatta resume RUN"),
            _ => ("Slurm refuses the tasks", "what it says is below; options of the site's own go to launcher.slurm.extra"),
        };
        return Diagnostic.Error("slurm-refused", summary) with { Detail = $"{command}: {words}", Help = help };
    }

    /// <summary>
    /// The variables of a user's own that would change what is asked for: those of sbatch come before the lines of a script, SBATCH_WAIT waits for the end of the jobs, and those of squeue and scancel
    /// leave tasks out. What launcher.slurm does not set, such as the account, stays as the user has it.
    /// </summary>
    /// <param name="names">The names of the environment.</param>
    /// <param name="settings">What is asked for.</param>
    internal static IEnumerable<string> Misleading(IEnumerable<string> names, SlurmLauncherSection settings)
    {
        HashSet<string> own = ["SBATCH_JOB_NAME", "SBATCH_TIMELIMIT", "SBATCH_ARRAY_INX", "SBATCH_WAIT", "SBATCH_MEM_PER_NODE", "SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU"];
        own.UnionWith(Named(settings).Select(o => "SBATCH_" + o.Option.ToUpperInvariant()));
        return names.Where(n => own.Contains(n) || n.StartsWith("SQUEUE_", StringComparison.Ordinal) || n.StartsWith("SCANCEL_", StringComparison.Ordinal));
    }

    private IReadOnlyDictionary<string, string?> Cleared =>
        Misleading(Environment.GetEnvironmentVariables().Keys.Cast<string>(), settings).ToDictionary(n => n, _ => (string?)null, StringComparer.Ordinal);

    private async Task<BufferedCommandResult> RunAsync(string command, string[] arguments, CancellationToken cancellation, string input = "")
    {
        try
        {
            return await CliWrap.Cli.Wrap(Commands is null ? command : Path.Combine(Commands, command)).WithArguments(arguments).WithEnvironmentVariables(Cleared).WithStandardInputPipe(PipeSource.FromString(input)).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("slurm-missing", $"the launcher slurm needs '{command}', which is not on the PATH") with { Help = "run it on a login node of the cluster, after 'module load slurm' where the site has that; or take launcher=local" },
                exception);
        }
    }

    [GeneratedRegex(@"^\s*MaxArraySize\s*=\s*(?<size>\d+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex MaxArraySize();

    [GeneratedRegex(@"\sExitCode=(?<code>\d+):", RegexOptions.ExplicitCapture)]
    private static partial Regex ExitCode();
}
