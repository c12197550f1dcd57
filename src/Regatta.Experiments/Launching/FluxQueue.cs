using CliWrap;
using CliWrap.Buffered;
using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Launching;

/// <summary>
/// The commands of Flux that a user of an instance has. They run one at a time, each under a lock of the launch directory that goes with the command: where a program that submits is killed, its
/// <c>flux submit</c> goes on, and who asks next waits for it.
/// </summary>
internal sealed class FluxQueue(FluxLauncherSection settings, LaunchDirectory launch)
{
    private const string Format = "{name}|{state}|{result}|{returncode}|{exception.note}";

    // A directory without locks (some shared file systems) is worked in without.
    private const string Locked = "exec 9>\"$1\" || exit 74; flock 9 2>/dev/null; shift; exec \"$@\"";

    /// <summary>The program; the one on the PATH unless told.</summary>
    public string Program { get; init; } = "flux";

    /// <summary>All tasks of the jobs whose names begin so, in one question.</summary>
    /// <exception cref="DiagnosticException">Flux is not there, or does not answer just now.</exception>
    public async Task<IReadOnlyList<QueuedTask>> TasksAsync(string prefix, CancellationToken cancellation) =>
        Parse(await RequireAsync(["jobs", "-a", "--no-header", "--count=0", "--format=" + Format], cancellation), prefix);

    /// <summary>The tasks in what <c>flux jobs</c> says.</summary>
    internal static IReadOnlyList<QueuedTask> Parse(string output, string prefix)
    {
        var tasks = new List<QueuedTask>();
        foreach (var line in output.Split('\n').Where(l => l.StartsWith(prefix, StringComparison.Ordinal)))
        {
            // What is said comes last, and may have anything in it.
            if (line.Split('|', 5) is not [var name, var state, var result, var code, var note]) continue;
            var (job, index) = name.LastIndexOf('.') is > 0 and var dot && int.TryParse(name[(dot + 1)..], CultureInfo.InvariantCulture, out var number) ? (name[..dot], number) : (name, 0);
            var ended = state == "INACTIVE";
            tasks.Add(new QueuedTask(job, index, ended ? result : state, note.Trim(), !ended, ended && int.TryParse(code, CultureInfo.InvariantCulture, out var exit) ? exit : null));
        }

        return tasks;
    }

    /// <summary>Submits one job; a script on the command line, since the launch directory may not be there.</summary>
    /// <returns>Id of the job.</returns>
    /// <exception cref="DiagnosticException">Flux refuses it.</exception>
    public async Task<string> SubmitAsync(string name, string script, CancellationToken cancellation) =>
        (await RequireAsync([.. Options(), "--job-name=" + name, "--cwd=/", "--output=/dev/null", "sh", "-c", script], cancellation)).Trim();

    /// <summary>Submits the tasks of a list through one connection, each as a job that is called by the list's name and its index.</summary>
    /// <param name="name">Name of the list.</param>
    /// <param name="tasks">How many they are.</param>
    /// <param name="script">File of shell that a task runs; <c>FLUX_JOB_CC</c> is its index.</param>
    /// <param name="after">The job that must have succeeded before.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">Flux refuses them.</exception>
    public Task SubmitAsync(string name, int tasks, string script, string after, CancellationToken cancellation) => RequireAsync(
    [
        // 0-0 is no set of Flux's.
        .. Options(), "--quiet", tasks == 1 ? "--cc=0" : string.Create(CultureInfo.InvariantCulture, $"--cc=0-{tasks - 1}"), $"--job-name={name}.{{cc}}", "--dependency=afterok:" + after,
        $"--output={Path.Combine(launch.Path, name + ".out")}", "--setopt=output.mode=append", "sh", script,
    ], cancellation);

    private IEnumerable<string> Options()
    {
        yield return "submit";
        // The environment is kept with each job: thousands of copies of a user's whole one are not.
        foreach (var rule in new[] { "-*", "PATH", "HOME", "USER", "LANG", "TMPDIR" }) yield return "--env=" + rule;
        yield return "--ntasks=1";
        yield return string.Create(CultureInfo.InvariantCulture, $"--cores-per-task={settings.Processors}");
        yield return string.Create(CultureInfo.InvariantCulture, $"--time-limit={Math.Ceiling(settings.Time.TotalSeconds)}s");
        foreach (var (option, value) in new[] { ("queue", settings.Queue), ("bank", settings.Bank), ("requires", settings.Requires) })
        {
            if (value is not null) yield return $"--{option}={value}";
        }

        foreach (var extra in settings.Extra) yield return extra;
    }

    /// <summary>Why Flux refused, by its own words.</summary>
    internal static Diagnostic Refusal(string words)
    {
        if (words.Contains("Unable to connect", StringComparison.OrdinalIgnoreCase) || words.Contains("broker socket", StringComparison.Ordinal))
        {
            return Diagnostic.Error("flux-unreachable", "no Flux instance answers") with
            {
                Detail = words,
                Help = "run it inside of one, such as in a job of 'flux batch' or 'flux alloc' or where the system has one; 'flux uptime' asks it",
            };
        }

        var (summary, help) = words switch
        {
            _ when words.Contains("queue", StringComparison.OrdinalIgnoreCase) => ("Flux does not take tasks in the queue", "'flux queue list' shows which there are: launcher.flux.queue=NAME"),
            _ when words.Contains("bank", StringComparison.OrdinalIgnoreCase) => ("Flux does not take the bank", "'flux account view-user $USER' shows which there are: launcher.flux.bank=NAME"),
            _ when words.Contains("unsatisfiable", StringComparison.Ordinal) || words.Contains("constraint", StringComparison.Ordinal) => ("no node has what a task asks for", "'flux resource list' shows what there is; change launcher.flux.processors or launcher.flux.requires"),
            _ when words.Contains("duration", StringComparison.Ordinal) || words.Contains("limit", StringComparison.Ordinal) => ("a limit of the instance keeps the tasks out", "lower launcher.flux.time or launcher.flux.processors"),
            _ => ("Flux refuses the tasks", "what it says is below; options of the site's own go to launcher.flux.extra"),
        };
        return Diagnostic.Error("flux-refused", summary) with { Detail = words, Help = help };
    }

    private async Task<string> RequireAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(arguments, cancellation);
        return result.ExitCode == 0 ? result.StandardOutput : throw new DiagnosticException(Refusal(result.StandardError.Trim()));
    }

    private async Task<BufferedCommandResult> RunAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var result = await Cli.Wrap("sh").WithArguments(["-c", Locked, "sh", Path.Combine(launch.Path, "flux.lock"), Program, .. arguments]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);
        if (result.ExitCode == 127)
        {
            throw new DiagnosticException(
                Diagnostic.Error("flux-missing", $"the launcher flux needs '{Program}', which is not on the PATH") with { Help = "run it where Flux is, after 'module load flux' where the site has that; or take launcher=local" });
        }

        return result;
    }
}
