using System.Collections.Concurrent;
using System.Text;
using CliWrap;
using Regatta.Experiments.Configuration;
using Regatta.Runs;
using static Regatta.Experiments.Launching.ShellWord;

namespace Regatta.Experiments.Launching;

/// <summary>One host of the launcher <c>ssh</c>. Trials go there and come back as tar on the connection; nothing is left in the host's place for them when they came back.</summary>
internal sealed class SshHost(LauncherHostSection host, SshLauncherSection settings, LaunchDirectory launch, ProgramArchive archive, string ssh)
{
    private readonly ConcurrentQueue<string> _received = new();
    private readonly SshShell _shell = new(host, settings, ssh);

    /// <summary>Its name in records.</summary>
    public string Name => host.Label;

    /// <summary>Tasks of simulated trials at once.</summary>
    public int Parallel => host.Parallel;

    /// <summary>Whether it is ready for trials on machines.</summary>
    public bool TakesMachines { get; set; }

    /// <summary>Its readiness for trials on machines.</summary>
    public SshReadiness Readiness => new(_shell, Program);

    /// <summary>The program there, as a word of the shell: in the home directory unless it begins with '/'.</summary>
    public string Program => Quoted(Programs + "/regatta");

    // Where the trials of this run lie on the host: hosts may share a home directory.
    private string Work => $"{settings.Directory}/runs/{launch.RunId}";

    private string Programs => $"{settings.Directory}/programs/{archive.Hash}";

    /// <summary>Brings the program there, unless it is there, and sees that it runs.</summary>
    /// <returns>The trials of the run that were begun there in an earlier sitting, as <c>POINT/REPETITION</c>.</returns>
    /// <exception cref="DiagnosticException">The host cannot be reached, or cannot run the program.</exception>
    public async Task<IReadOnlySet<string>> PrepareAsync(CancellationToken cancellation)
    {
        var known = await _shell.RunAsync($"mkdir -p {Quoted(Work)}/ended {Quoted(settings.Directory)}/programs && test -x {Program}", cancellation);
        if (known.ExitCode != 0)
        {
            // Whole or not at all: several runs may begin at once.
            var draft = Quoted($"{Programs}.{Guid.NewGuid().ToString("N")[..8]}");
            await _shell.CopyAsync("the program", unpack => archive.SendAsync(unpack, cancellation),
                $"mkdir {draft} && tar -x --no-same-owner -C {draft} && {{ mv -T {draft} {Quoted(Programs)} 2>/dev/null || rm -rf {draft}; }}");
        }

        var started = await _shell.RunAsync(string.Join(" && ", ProgramArchive.Check(Program)), cancellation);
        if (started.ExitCode != 0)
            throw new DiagnosticException(Diagnostic.Error("launch-program", $"the program does not run on {Name}") with { Detail = started.StandardError.Trim(), Help = ProgramArchive.Needs });
        List<string> files = [Path.GetFileName(launch.TaskScript)];
        if (File.Exists(Path.Combine(launch.Path, CarriedTraces.List))) files.AddRange([CarriedTraces.Folder, CarriedTraces.List]);
        await _shell.CopyAsync("what the trials read", unpack => (CliWrap.Cli.Wrap("tar").WithArguments(["-c", "-C", launch.Path, .. files]) | unpack).ExecuteAsync(cancellation), $"tar -x --no-same-owner -C {Quoted(Work)}");
        // What failed is run again, and not told a second time.
        var begun = await _shell.RunAsync($"cd {Quoted(Work)} && for d in tasks/*/*; do if [ -e \"$d/exit.json\" ] && ! grep -q '\"code\":0,' \"$d/exit.json\"; then rm -rf \"$d\"; elif [ -e \"$d/begun\" ]; then echo \"${{d#tasks/}}\"; fi; done", cancellation);
        return begun.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Runs the trials of a task there, or waits for them where they run already, and brings back what they left.</summary>
    /// <param name="task">The task.</param>
    /// <param name="alone">Whether it waits until nothing runs on machines there, of this run or another, and keeps others from it.</param>
    /// <param name="cancellation">Stops the waiting; the trials go on.</param>
    /// <exception cref="DiagnosticException">The connection broke, or the host cannot take it (<c>ssh-lost</c>).</exception>
    public async Task RunAsync(IReadOnlyList<PlannedTrial> task, bool alone, CancellationToken cancellation)
    {
        var folders = task.Select(t => $"tasks/{t.Id}").ToList();
        var ids = string.Join(' ', task.Select(t => Quoted(t.Id)));
        // What the trials start and leave must not hold the lock: it is the command's that waits for them. Hosts that share a home have a file each.
        var first = alone ? "flock -o \"$d/machines.$(uname -n)\" " : "";
        // A session of its own: the trials go on when the connection ends.
        var script = $"cd {Quoted(settings.Directory)} && d=$(pwd) && cd {Quoted($"runs/{launch.RunId}")} && rm -rf {Received()} && tar -x --no-same-owner --skip-old-files && work=$(pwd) && "
            + $"{{ REGATTA_WAIT=' ' setsid -w {first}sh task.sh \"$work\" \"$d\"/programs/{archive.Hash}/regatta {Quoted(launch.RunId)} {Quoted(Name)} '' {ids} </dev/null >/dev/null 2>&1; "
            // The exit file last: what came over in part is no trial.
            + $"tar -c $(for d in {string.Join(' ', folders.Select(Quoted))}; do for f in begun log trial exit.json; do [ ! -e \"$d/$f\" ] || echo \"$d/$f\"; done; done); }}";
        var errors = new StringBuilder();
        try
        {
            var pack = CliWrap.Cli.Wrap("tar").WithArguments(["-c", "-C", launch.Path, .. folders.Select(f => f + "/plan.json")]);
            await (pack | _shell.Command(script).WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors)) | CliWrap.Cli.Wrap("tar").WithArguments(["-x", "--no-same-owner", "-C", launch.Path])).ExecuteAsync(cancellation);
            foreach (var folder in folders) _received.Enqueue(folder);
        }
        catch (CliWrap.Exceptions.CommandExecutionException exception)
        {
            throw new DiagnosticException(Diagnostic.Error("ssh-lost", $"the connection to {Name} broke") with { Detail = errors.ToString().Trim() is { Length: > 0 } said ? said : exception.Message, Help = "look at the host; its trials go to the others" }, exception);
        }
    }

    /// <summary>Removes what is left there of the run.</summary>
    public Task RemoveAsync(CancellationToken cancellation) => _shell.RunAsync($"rm -rf {Quoted(Work)}", cancellation);

    // What came back is removed with the next task.
    private string Received()
    {
        var folders = new List<string> { "none" };
        while (_received.TryDequeue(out var folder)) folders.Add(Quoted(folder));
        return string.Join(' ', folders);
    }
}
