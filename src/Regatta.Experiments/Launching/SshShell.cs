using System.Text;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Launching;

/// <summary>A host's shell over SSH: each command has a connection of its own.</summary>
internal sealed class SshShell(LauncherHostSection host, SshLauncherSection settings, string ssh = "ssh")
{
    /// <summary>The code that ssh itself ends with where it has no connection.</summary>
    public const int NoConnection = 255;

    // The connection of its own ends when the host is gone for a minute, so that its trials can go elsewhere.
    private static readonly string[] Options = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", "-o", "LogLevel=ERROR"];

    /// <summary>Its name in records.</summary>
    public string Name => host.Label;

    /// <summary>The command that runs a script there.</summary>
    public Command Command(string script)
    {
        var arguments = new List<string>(Options);
        if (settings.Identity is { } key) arguments.AddRange(["-i", key, "-o", "IdentitiesOnly=yes"]);
        if (host.Port is { } port) arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        // Behind it nothing is an option, however it begins.
        arguments.AddRange(["--", host.User is { } user ? $"{user}@{host.Address}" : host.Address, script]);
        return CliWrap.Cli.Wrap(ssh).WithArguments(arguments);
    }

    /// <summary>Runs a script there, whatever code it ends with.</summary>
    /// <exception cref="DiagnosticException">The host cannot be reached (<c>ssh-unreachable</c>).</exception>
    public async Task<BufferedCommandResult> RunAsync(string script, CancellationToken cancellation, string input = "")
    {
        var ended = await Command(script).WithStandardInputPipe(PipeSource.FromString(input)).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);
        if (ended.ExitCode != NoConnection) return ended;
        throw new DiagnosticException(Diagnostic.Error("ssh-unreachable", $"{Name} cannot be reached over SSH") with
        {
            Detail = ended.StandardError.Trim(),
            Help = $"'ssh {host.Address} true' must work without a question: a key that the host accepts (launcher.ssh.identity), and its own in known_hosts",
        });
    }

    /// <summary>Copies files there: what is packed here, as tar, goes to a script's standard input.</summary>
    /// <param name="what">What is copied, in words.</param>
    /// <param name="pack">Gives it to the command that unpacks it.</param>
    /// <param name="unpack">The script.</param>
    /// <exception cref="DiagnosticException">It cannot be copied (<c>ssh-copy</c>).</exception>
    public async Task CopyAsync(string what, Func<Command, Task> pack, string unpack)
    {
        var errors = new StringBuilder();
        try
        {
            await pack(Command(unpack).WithStandardErrorPipe(PipeTarget.ToStringBuilder(errors)));
        }
        catch (CliWrap.Exceptions.CommandExecutionException exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("ssh-copy", $"{what} cannot be copied to {Name}") with { Detail = errors.ToString().Trim(), Help = "look at the space and the permissions of launcher.ssh.directory there" }, exception);
        }
    }
}
