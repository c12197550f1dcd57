using Regatta.Agent.Commands;
using Regatta.Workloads;

namespace Regatta.Agent;

/// <summary>The agent: the small program on the nodes.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // The payload runs once for each job and touches nothing that it does not need.
        if (arguments is ["payload", .. var payload]) return PayloadCommand.Run(payload);
        try
        {
            return arguments switch
            {
                ["replay", .. var rest] => ReplayCommand.Run(rest, KnownDrivers.Check),
                ["follow", .. var rest] => FollowCommand.Run(rest),
                ["cancel", .. var rest] => CancelCommand.Run(rest),
                ["clients", .. var rest] => ClientsCommand.Run(rest),
                ["worker", .. var rest] => WorkerCommand.Run(rest, KnownDrivers.Create),
                ["emulate-nodes", .. var rest] => EmulateNodesCommand.Run(rest),
                ["clock"] => ClockCommand.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), TimeProvider.System),
                ["--version"] => Version(),
                _ => throw Usage(arguments),
            };
        }
        catch (DiagnosticException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return ReplayExit.Failed;
        }
    }

    private static int Version()
    {
        Console.Out.WriteLine(typeof(Program).Assembly.GetName().Version?.ToString(3));
        return 0;
    }

    private static DiagnosticException Usage(string[] arguments) =>
        new(Diagnostic.Error("agent-command", arguments.Length == 0 ? "no command was given" : $"there is no command '{string.Join(' ', arguments)}'") with
        {
            Help = "replay --directory DIR | follow --directory DIR --from OFFSET | cancel --directory DIR | payload --job N --stamps FILE sleep SECONDS|cpu SECONDS|exec COMMAND… | emulate-nodes --kubeconfig FILE --count N | clock | --version",
        });
}
