using CliWrap;

namespace Regatta.Host;

/// <summary>A machine that OpenSSH knows by name through a configuration file.</summary>
/// <param name="ConfigFile">OpenSSH client configuration that holds address, user, key and known host keys.</param>
/// <param name="Node">Name of the machine in that file.</param>
public sealed record SshTarget(string ConfigFile, string Node)
{
    /// <summary>The <c>ssh</c> command that runs <paramref name="script"/> by the login shell of the machine; never asks for anything.</summary>
    public Command Run(string script) =>
        Cli.Wrap("ssh").WithArguments(["-F", ConfigFile, "-o", "BatchMode=yes", "--", Node, script]);

    /// <summary>The <c>ssh</c> command that ends the shared connection to the machine, whether it answers or not; it fails where there is none.</summary>
    public Command Disconnect() => Cli.Wrap("ssh").WithArguments(["-F", ConfigFile, "-O", "exit", "--", Node]);
}
