using System.Runtime.InteropServices;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Kubernetes.Emulation;

namespace Regatta.Agent.Commands;

/// <summary>
/// <c>emulate-nodes --kubeconfig FILE --count N --processors P --memory BYTES</c>: plays the kubelets of N nodes until it is ended. Says one line when all are
/// there. Nodes of an earlier run that are too many are removed; with a count of 0 all are, and it ends.
/// </summary>
internal static class EmulateNodesCommand
{
    private const int Connections = 4, Requests = 64;

    public static int Run(string[] arguments)
    {
        var given = new Arguments("emulate-nodes", arguments, "--kubeconfig", "--count", "--processors", "--memory");
        using var config = Kubeconfig.Read(given.Required("--kubeconfig"));
        _ = given.Required("--count");
        var shape = new EmulatedNodeShape((int)Bounded(given, "--count", 0, 0, 100_000), (int)Bounded(given, "--processors", 8, 1, 100_000), Bounded(given, "--memory", 32L << 30, 1 << 20, long.MaxValue));
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var api = new KubernetesApi(config, Connections, Requests);
        try
        {
            new EmulatedCluster(api, shape, TimeProvider.System, Console.Error.WriteLine).RunAsync(stop.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ended as it was asked to be; the nodes stay, and are soon not ready.
        }

        return 0;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static long Bounded(Arguments given, string name, long otherwise, long least, long most)
    {
        var number = given.Number(name, otherwise);
        return number >= least && number <= most ? number : throw new DiagnosticException(Diagnostic.Error("agent-option", $"emulate-nodes' {name} is {number}, and must be {least} to {most}"));
    }
}
