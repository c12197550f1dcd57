using System.ComponentModel;
using System.Text;
using System.Text.RegularExpressions;
using CliWrap;

namespace Regatta.Images.Store;

/// <summary>What a Nix command printed and how it ended.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Log">The last lines of standard error.</param>
public sealed record NixResult(int ExitCode, string Output, string Log);

/// <summary>Nix's own programs, run with a configuration that this program passes and the host's files never see.</summary>
/// <param name="folder">Folder of the programs; null to look in <c>PATH</c>.</param>
public sealed partial class NixCommand(string? folder = null)
{
    /// <summary>The oldest Nix that the flake is known to work with.</summary>
    public static readonly Version Oldest = new(2, 8);

    private const int LogLines = 25;

    /// <summary>
    /// The settings that are passed by <c>NIX_CONFIG</c>: they add to the host's configuration; what the user has in that variable comes last and wins.
    /// </summary>
    /// <param name="present">The user's <c>NIX_CONFIG</c>.</param>
    /// <param name="root">The user is root.</param>
    /// <param name="buildUsers">The group <c>nixbld</c> exists.</param>
    /// <param name="shell">A static shell for the sandbox, which Debian's Nix has none in; null when there is none.</param>
    public static string Configuration(string? present, bool root, bool buildUsers, string? shell)
    {
        var lines = new List<string>
        {
            "extra-experimental-features = nix-command flakes",
            "sandbox = true",
            "sandbox-fallback = false",
            "max-jobs = auto",
            "substituters =",
            "warn-dirty = false",
        };
        if (root && !buildUsers) lines.Add("build-users-group =");
        if (shell is not null) lines.Add($"extra-sandbox-paths = /bin/sh={shell}");
        if (!string.IsNullOrWhiteSpace(present)) lines.Add(present);
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The version of Nix.</summary>
    /// <exception cref="DiagnosticException">Nix is missing or too old.</exception>
    public async Task<Version> RequireAsync(CancellationToken cancellation)
    {
        var result = await RunAsync("nix", ["--version"], null, cancellation);
        var match = VersionNumber().Match(result.Output);
        var version = match.Success ? Version.Parse(match.Value) : new Version(0, 0);
        if (version >= Oldest) return version;
        throw new DiagnosticException(Diagnostic.Error("nix-too-old", $"Nix {Oldest} or newer is needed; this host has '{result.Output.Trim()}'") with
        {
            Help = "install a newer Nix",
        });
    }

    /// <summary>Runs a program of Nix that must succeed and returns its standard output.</summary>
    /// <exception cref="DiagnosticException">It is missing or failed.</exception>
    public async Task<string> OutputAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(program, arguments, null, cancellation);
        return result.ExitCode == 0 ? result.Output : throw new DiagnosticException(NixDiagnostics.Explain($"{program} {arguments[0]}", result.Log));
    }

    /// <summary>Runs a program of Nix.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="line">Called with each line of standard error.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">Nix is missing.</exception>
    public async Task<NixResult> RunAsync(string program, IReadOnlyList<string> arguments, Action<string>? line, CancellationToken cancellation)
    {
        var output = new StringBuilder();
        var log = new Queue<string>();
        var shell = new[] { "/usr/bin/bash-static", "/bin/bash-static" }.FirstOrDefault(File.Exists);
        var configuration = Configuration(Environment.GetEnvironmentVariable("NIX_CONFIG"), Environment.IsPrivilegedProcess, HasBuildUsers(), shell);
        var command = Cli.Wrap(folder is null ? program : Path.Combine(folder, program))
            .WithArguments(arguments)
            .WithEnvironmentVariables(e => e.Set("NIX_CONFIG", configuration).Set("LC_ALL", "C.UTF-8"))
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(output, Encoding.UTF8))
            .WithStandardErrorPipe(PipeTarget.ToDelegate(
                text =>
                {
                    if (Noise().IsMatch(text)) return;
                    lock (log)
                    {
                        log.Enqueue(text);
                        if (log.Count > LogLines) log.Dequeue();
                    }

                    line?.Invoke(text);
                },
                Encoding.UTF8))
            .WithValidation(CommandResultValidation.None);
        // Asked to end, Nix removes its scratch directories; only when it does not is it killed.
        using var hard = new CancellationTokenSource();
        using var soft = cancellation.Register(() => hard.CancelAfter(TimeSpan.FromSeconds(10)));
        try
        {
            var result = await command.ExecuteAsync(hard.Token, cancellation);
            return new NixResult(result.ExitCode, output.ToString(), string.Join('\n', log));
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("nix-missing", "Nix is not installed: images are built with it") with
                {
                    Detail = $"the program '{program}' was not found",
                    Help = "regatta doctor --fix        or: apt-get install --no-install-recommends nix-bin bash-static",
                },
                exception);
        }
    }

    private static bool HasBuildUsers() =>
        File.Exists("/etc/group") && File.ReadLines("/etc/group").Any(l => l.StartsWith("nixbld:", StringComparison.Ordinal));

    [GeneratedRegex(@"[0-9]+\.[0-9]+(\.[0-9]+)?")]
    private static partial Regex VersionNumber();

    [GeneratedRegex("^warning: (the group 'nixbld'|ignoring the user-specified setting|ignoring untrusted)")]
    private static partial Regex Noise();
}

/// <summary>Turns what Nix prints when it fails into a diagnostic.</summary>
public static partial class NixDiagnostics
{
    /// <summary>Explains a failure.</summary>
    /// <param name="what">What failed, such as <c>building image 'slurm'</c>.</param>
    /// <param name="log">The last lines of what Nix printed.</param>
    public static Diagnostic Explain(string what, string log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var lines = string.Join('\n', log.Split('\n').TakeLast(20));
        if (log.Contains("No space left on device", StringComparison.Ordinal))
        {
            return Diagnostic.Error("image-no-space", $"{what}: no space is left") with
            {
                Detail = lines,
                Help = "nix-collect-garbage        removes what no image needs\nor make space where /nix and the temporary directory lie",
            };
        }

        if (Namespaces().IsMatch(log))
        {
            return Diagnostic.Error("nix-sandbox", $"{what}: this host does not let the build make namespaces") with
            {
                Detail = lines,
                Help = "sysctl -w kernel.unprivileged_userns_clone=1\nsysctl -w kernel.apparmor_restrict_unprivileged_userns=0\n(whichever this kernel has)",
            };
        }

        if (StoreAccess().IsMatch(log))
        {
            return Diagnostic.Error("nix-store-access", $"{what}: the Nix store of this host cannot be written") with
            {
                Detail = lines,
                Help = "run it as root, or install Nix with its daemon",
            };
        }

        if (Libraries().Match(log) is { Success: true } lacking)
        {
            return Diagnostic.Error("payload-libraries", $"{what}: the payload '{lacking.Groups["name"].Value}' needs what the image lacks: {lacking.Groups["libraries"].Value.Trim()}") with
            {
                Detail = lines,
                Help = "build it on Debian 12, or name their packages in images/roles and make the lock anew",
            };
        }

        var derivation = Derivation().Match(log);
        return Diagnostic.Error("nix-failed", $"{what} failed") with
        {
            Detail = lines,
            Help = derivation.Success ? string.Create(CultureInfo.InvariantCulture, $"the whole log: nix-store --read-log {derivation.Groups["path"].Value}") : null,
        };
    }

    [GeneratedRegex("cloning builder process|unshare: |setting up a private mount namespace|unable to start build process.*Operation not permitted")]
    private static partial Regex Namespaces();

    [GeneratedRegex("(big-lock|/nix/var|/nix/store|creating directory ./nix|opening lock file).*(Permission denied|Operation not permitted|Read-only file system)")]
    private static partial Regex StoreAccess();

    [GeneratedRegex("payload (?<name>\\S+) needs libraries that the image lacks: (?<libraries>.*)")]
    private static partial Regex Libraries();

    [GeneratedRegex("builder for '(?<path>/[^']+\\.drv)' failed")]
    private static partial Regex Derivation();
}
