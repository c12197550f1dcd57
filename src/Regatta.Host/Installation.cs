namespace Regatta.Host;

/// <summary>Where the program's own files lie: the checkout, or any directory with the same folders.</summary>
/// <param name="Root">Absolute path of the directory that holds <c>conf</c>, <c>images</c> and <c>ansible</c>.</param>
public sealed record Installation(string Root)
{
    /// <summary>The configuration that users compose.</summary>
    public string Configuration => Path.Combine(Root, "conf");

    /// <summary>The flake.</summary>
    public string Images => Path.Combine(Root, "images");

    /// <summary>The playbooks.</summary>
    public string Playbooks => Path.Combine(Root, "ansible");

    /// <summary>Source of the agent.</summary>
    public string AgentSource => Path.Combine(Root, "src", "Regatta.Agent");

    /// <summary>Whether it is a release: the program and its agent are there, and their source is not.</summary>
    public bool IsRelease => !Directory.Exists(AgentSource);

    /// <summary>The native agent's directory.</summary>
    public string Agent => IsRelease ? Path.Combine(Root, "agent") : Path.Combine(Artifacts, "agent");

    /// <summary>The native agent.</summary>
    public string AgentProgram => Path.Combine(Agent, "regatta-agent");

    /// <summary>Source of the virtual clock.</summary>
    public string ClockSource => Path.Combine(Root, "src", "Regatta.Clock");

    /// <summary>The virtual clock's directory: its program and its library.</summary>
    public string Clock => IsRelease ? Path.Combine(Root, "clock") : Path.Combine(Artifacts, "clock");

    /// <summary>What building leaves. Where a release lies nothing is written.</summary>
    public string Artifacts => IsRelease ? Path.Combine(StateDirectory.OfProcess().Root, "artifacts") : Path.Combine(Root, "artifacts");

    /// <summary>
    /// Finds the installation: the directory that <c>REGATTA_HOME</c> names, else the nearest one above <paramref name="start"/>
    /// that holds <c>conf</c>, <c>images</c> and <c>ansible</c>.
    /// </summary>
    /// <exception cref="DiagnosticException">There is none.</exception>
    public static Installation Find(string start, string? home)
    {
        if (home is not null)
        {
            if (IsRoot(home)) return new Installation(Path.GetFullPath(home));
            throw new DiagnosticException(Missing($"REGATTA_HOME names '{home}', which does not hold conf, images and ansible"));
        }

        for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        {
            if (IsRoot(directory.FullName)) return new Installation(directory.FullName);
        }

        throw new DiagnosticException(Missing($"no directory above '{start}' holds conf, images and ansible"));
    }

    /// <summary>The installation of this process.</summary>
    public static Installation OfProcess() =>
        Find(AppContext.BaseDirectory, Environment.GetEnvironmentVariable("REGATTA_HOME"));

    private static bool IsRoot(string directory) =>
        new[] { "conf", "images", "ansible" }.All(name => Directory.Exists(Path.Combine(directory, name)));

    private static Diagnostic Missing(string summary) =>
        Diagnostic.Error("installation-missing", summary) with
        {
            Help = "run the program from its checkout or from where its release was unpacked, or set REGATTA_HOME to that",
        };
}
