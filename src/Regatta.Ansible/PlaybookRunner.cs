using System.Text;
using System.Threading.Channels;
using CliWrap;
using Regatta.Host;

namespace Regatta.Ansible;

/// <summary>A playbook that is to be run.</summary>
/// <param name="Directory">The playbooks' directory, with <c>ansible.cfg</c>.</param>
/// <param name="Playbook">File name of the playbook in it, such as <c>configure-slurm.yml</c>.</param>
/// <param name="Inventory">What it is run for.</param>
/// <param name="LogDirectory">Where the inventory, the events and the log are written; made when it is not there.</param>
public sealed record PlaybookRun(string Directory, string Playbook, Inventory Inventory, string LogDirectory)
{
    /// <summary>Only look what would be changed.</summary>
    public bool Check { get; init; }

    /// <summary>How long a host may take to answer SSH.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The name that activities are reported under, and that the files in the log directory begin with.</summary>
    public string Stage { get; init; } = "configure";
}

/// <summary>Runs playbooks with <c>ansible-playbook</c> and follows their events as they come. A playbook ends, with all that it started, when this process does.</summary>
/// <param name="time">Clock.</param>
/// <param name="program">The program, a name on the path.</param>
public sealed class PlaybookRunner(TimeProvider time, string program = "ansible-playbook")
{
    // The system's own first, as Ansible's of Debian: what a path puts before it may be a wrapper that takes longer to choose a version than the supervisor to start.
    private static readonly string[] Pythons = ["/usr/bin/python3", "python3"];

    /// <summary>Runs a playbook to its end.</summary>
    /// <exception cref="DiagnosticException">Ansible is missing, a task failed, or a host could not be reached.</exception>
    public async Task<PlaybookResult> RunAsync(PlaybookRun run, IActivityMonitor monitor, CancellationToken cancellation)
    {
        Directory.CreateDirectory(run.LogDirectory);
        var inventory = Path.Combine(run.LogDirectory, run.Stage + "-inventory.json");
        var log = Path.Combine(run.LogDirectory, run.Stage + ".log");
        await File.WriteAllTextAsync(inventory, run.Inventory.ToJson(), cancellation);

        // What Ansible writes on this host on its way: beside the log, so that it goes with it when this process is killed.
        var scratch = Directory.CreateDirectory(Path.Combine(run.LogDirectory, $".{run.Stage}"));
        var follower = new EventFollower(run.Stage, monitor, Path.Combine(run.LogDirectory, run.Stage + "-events.jsonl"), log);
        var began = time.GetTimestamp();
        try
        {
            var code = await FollowAsync(run, inventory, scratch.FullName, follower, cancellation);
            if (code != 0) throw new DiagnosticException(PlaybookFaults.Of(run.Playbook, code, follower.Events, follower.Printed, log));
            return follower.Result(time.GetElapsedTime(began));
        }
        finally
        {
            await follower.DisposeAsync();
            scratch.Delete(recursive: true);
        }
    }

    private async Task<int> FollowAsync(PlaybookRun run, string inventory, string scratch, EventFollower follower, CancellationToken cancellation)
    {
        // The supervisor ends the playbook when its standard input ends: when that is asked for here, and when this process is gone.
        using var stop = new CancellationTokenSource();
        if (HostTool.Find(program) is null) throw new DiagnosticException(PlaybookFaults.Missing(program));
        var python = Pythons.Select(name => HostTool.Find(name)).FirstOrDefault(found => found is not null) ?? throw new DiagnosticException(PlaybookFaults.Missing(Pythons[^1]));
        var command = Cli.Wrap(python)
            .WithArguments(["-I", "-S", Path.Combine(run.Directory, "supervise.py"), program, "-i", inventory, .. run.Check ? ["--check"] : Array.Empty<string>(), run.Playbook])
            .WithStandardInputPipe(PipeSource.Create((_, exited) => OpenUntilAsync(stop.Token, exited)))
            .WithWorkingDirectory(run.Directory)
            .WithEnvironmentVariables(Settings(run, scratch))
            .WithValidation(CommandResultValidation.None);

        var lines = Channel.CreateUnbounded<(bool Error, string Text)>(new UnboundedChannelOptions { SingleReader = true });
        command = command
            .WithStandardOutputPipe(PipeTarget.ToDelegate(line => lines.Writer.TryWrite((false, line)), Encoding.UTF8))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(line => lines.Writer.TryWrite((true, line)), Encoding.UTF8));

        cancellation.ThrowIfCancellationRequested();
        var process = command.ExecuteAsync(CancellationToken.None);
        var reading = follower.FollowAsync(lines.Reader);
        CommandResult result;
        using (cancellation.Register(stop.Cancel))
        {
            result = await process.Task;
        }

        lines.Writer.Complete();
        await reading;
        cancellation.ThrowIfCancellationRequested();
        return result.ExitCode;
    }

    private static async Task OpenUntilAsync(CancellationToken stop, CancellationToken exited)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, exited);
        await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static Dictionary<string, string?> Settings(PlaybookRun run, string scratch)
    {
        // A person's own settings of Ansible do not change what a cluster becomes.
        var settings = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("ANSIBLE_", StringComparison.Ordinal))
            .ToDictionary(name => name, _ => (string?)null);
        settings[NodeProcesses.Variable] = run.Inventory.SshConfig;
        settings["ANSIBLE_CONFIG"] = Path.Combine(run.Directory, "ansible.cfg");
        settings["ANSIBLE_STDOUT_CALLBACK"] = "regatta.cluster.events";
        settings["ANSIBLE_LOCAL_TEMP"] = Path.Combine(scratch, "tmp");
        settings["ANSIBLE_TIMEOUT"] = ((int)run.ConnectTimeout.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        settings["ANSIBLE_NOCOLOR"] = "1";
        settings["PYTHONUNBUFFERED"] = "1";
        settings["PYTHONDONTWRITEBYTECODE"] = "1";
        settings["LC_ALL"] = "C.UTF-8";
        return settings;
    }
}
