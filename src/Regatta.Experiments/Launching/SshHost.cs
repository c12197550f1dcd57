using System.Collections.Concurrent;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>One host of the launcher <c>ssh</c>. Trials go there and come back as tar on the connection; nothing is left in the host's place for them when they came back.</summary>
internal sealed class SshHost(LauncherHostSection host, SshLauncherSection settings, LaunchDirectory launch)
{
    // The connection of its own ends when the host is gone for a minute, so that its trials can go elsewhere.
    private static readonly string[] Options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", "-o", "LogLevel=ERROR"];

    private readonly ConcurrentQueue<string> _received = new();

    /// <summary>Its name in records.</summary>
    public string Name => host.Label;

    /// <summary>Tasks at once.</summary>
    public int Parallel => host.Parallel;

    // Where the trials of this run lie on the host: hosts may share a home directory.
    private string Work => $"{settings.Directory}/runs/{launch.RunId}";

    /// <summary>Brings the program there, unless it is there, and sees that it runs.</summary>
    /// <exception cref="DiagnosticException">The host cannot be reached, or cannot run the program.</exception>
    public async Task PrepareAsync(ProgramArchive archive, CancellationToken cancellation)
    {
        var place = $"{settings.Directory}/programs/{archive.Hash}";
        var known = await RunAsync($"mkdir -p {Quoted(Work)}/ended {Quoted(settings.Directory)}/programs && test -x {Quoted(place)}/regatta", "", cancellation);
        if (known.ExitCode == 255) throw Unreachable(known.StandardError);
        if (known.ExitCode != 0)
        {
            // Whole or not at all: several runs may begin at once.
            var draft = $"{place}.{Guid.NewGuid().ToString("N")[..8]}";
            var unpack = Ssh($"mkdir {Quoted(draft)} && tar -x -C {Quoted(draft)} && {{ mv -T {Quoted(draft)} {Quoted(place)} 2>/dev/null || rm -rf {Quoted(draft)}; }}");
            var errors = new System.Text.StringBuilder();
            try
            {
                await archive.SendAsync(unpack.WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors)), cancellation);
            }
            catch (CliWrap.Exceptions.CommandExecutionException exception)
            {
                throw new DiagnosticException(Diagnostic.Error("ssh-copy", $"the program cannot be copied to {Name}") with { Detail = errors.ToString().Trim(), Help = "look at the space and the permissions of launcher.ssh.directory there" }, exception);
            }
        }

        var started = await RunAsync(string.Join(" && ", ProgramArchive.Check(Quoted(place) + "/regatta")), "", cancellation);
        if (started.ExitCode == 255) throw Unreachable(started.StandardError);
        if (started.ExitCode != 0)
            throw new DiagnosticException(Diagnostic.Error("launch-program", $"the program does not run on {Name}") with { Detail = started.StandardError.Trim(), Help = ProgramArchive.Needs });
        var script = await RunAsync($"cat > {Quoted(Work)}/task.sh.new && mv {Quoted(Work)}/task.sh.new {Quoted(Work)}/task.sh", LaunchDirectory.Script("task.sh"), cancellation);
        if (script.ExitCode != 0) throw Unreachable(script.StandardError);
        if (File.Exists(Path.Combine(launch.Path, CarriedTraces.List))) await SendTracesAsync(cancellation);
    }

    private async Task SendTracesAsync(CancellationToken cancellation)
    {
        var errors = new System.Text.StringBuilder();
        try
        {
            var pack = CliWrap.Cli.Wrap("tar").WithArguments(["-c", "-C", launch.Path, CarriedTraces.Folder, CarriedTraces.List]);
            await (pack | Ssh($"tar -x -C {Quoted(Work)}").WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors))).ExecuteAsync(cancellation);
        }
        catch (CliWrap.Exceptions.CommandExecutionException exception)
        {
            throw new DiagnosticException(Diagnostic.Error("ssh-copy", $"the workload files cannot be copied to {Name}") with { Detail = errors.ToString().Trim(), Help = "look at the space and the permissions of launcher.ssh.directory there" }, exception);
        }
    }

    /// <summary>Runs the trials of a task there, or waits for them where they run already, and brings back what they left.</summary>
    /// <exception cref="DiagnosticException">The connection broke, or the host cannot take it.</exception>
    public async Task RunAsync(IReadOnlyList<PlannedTrial> task, ProgramArchive archive, CancellationToken cancellation)
    {
        var folders = task.Select(t => $"tasks/{t.Id}").ToList();
        var ids = string.Join(' ', task.Select(t => Quoted(t.Id)));
        var program = $"{settings.Directory}/programs/{archive.Hash}/regatta";
        // A session of its own: the trials go on when the connection ends.
        var script = $"cd {Quoted(Work)} && rm -rf {Received()} && tar -x --skip-old-files && work=$(pwd) && cd && case {Quoted(program)} in /*) p={Quoted(program)};; *) p=$(pwd)/{Quoted(program)};; esac && "
            + $"cd \"$work\" && {{ REGATTA_WAIT=' ' setsid -w sh task.sh \"$work\" \"$p\" {Quoted(launch.RunId)} {Quoted(Name)} '' {ids} </dev/null >/dev/null 2>&1; "
            // The exit file last: what came over in part is no trial.
            + $"tar -c $(for d in {string.Join(' ', folders.Select(Quoted))}; do for f in begun log trial exit.json; do [ ! -e \"$d/$f\" ] || echo \"$d/$f\"; done; done); }}";
        var errors = new System.Text.StringBuilder();
        try
        {
            var pack = CliWrap.Cli.Wrap("tar").WithArguments(["-c", "-C", launch.Path, .. folders.Select(f => f + "/plan.json")]);
            await (pack | Ssh(script).WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors)) | CliWrap.Cli.Wrap("tar").WithArguments(["-x", "-C", launch.Path])).ExecuteAsync(cancellation);
            foreach (var folder in folders) _received.Enqueue(folder);
        }
        catch (CliWrap.Exceptions.CommandExecutionException exception)
        {
            throw new DiagnosticException(Diagnostic.Error("ssh-lost", $"the connection to {Name} broke") with { Detail = errors.ToString().Trim() is { Length: > 0 } said ? said : exception.Message, Help = "look at the host; its trials go to the others" }, exception);
        }
    }

    /// <summary>Removes what is left there of the run.</summary>
    public Task RemoveAsync(CancellationToken cancellation) => RunAsync($"rm -rf {Quoted(Work)}", "", cancellation);

    // What came back is removed with the next task.
    private string Received()
    {
        var folders = new List<string> { "none" };
        while (_received.TryDequeue(out var folder)) folders.Add(Quoted(folder));
        return string.Join(' ', folders);
    }

    private DiagnosticException Unreachable(string said) => new(Diagnostic.Error("ssh-unreachable", $"{Name} cannot be reached over SSH") with
    {
        Detail = said.Trim(),
        Help = $"'ssh {host.Address} true' must work without a question: a key that the host accepts (launcher.ssh.identity), and its own in known_hosts",
    });

    private Task<BufferedCommandResult> RunAsync(string script, string input, CancellationToken cancellation) =>
        Ssh(script).WithStandardInputPipe(PipeSource.FromString(input)).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);

    /// <summary>The command that runs a script there.</summary>
    internal Command Ssh(string script)
    {
        var arguments = new List<string>(Options);
        if (settings.Identity is { } key) arguments.AddRange(["-i", key, "-o", "IdentitiesOnly=yes"]);
        if (host.Port is { } port) arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        // Behind it nothing is an option, however it begins.
        arguments.AddRange(["--", host.User is { } user ? $"{user}@{host.Address}" : host.Address, script]);
        return CliWrap.Cli.Wrap("ssh").WithArguments(arguments);
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
