using System.Text.RegularExpressions;
using Regatta.Experiments.Configuration;
using Regatta.Host;

namespace Regatta.Experiments.Launching;

/// <summary>What a cluster has of a run: its Jobs, and those of their pods that did not succeed.</summary>
internal sealed record KubernetesLook(IReadOnlyList<KubernetesJobState> Jobs, IReadOnlyList<KubernetesPod> Pods);

/// <summary>Runs <c>kubectl</c>.</summary>
/// <param name="arguments">Its arguments.</param>
/// <param name="input">Its standard input.</param>
/// <param name="cancellation">Stops it.</param>
internal delegate Task<ToolResult> KubectlRunner(IReadOnlyList<string> arguments, string input, CancellationToken cancellation);

/// <summary>The questions that the launcher asks a cluster, by <c>kubectl</c>.</summary>
/// <param name="settings">Which cluster, and how it is asked.</param>
/// <param name="ask">Runs <c>kubectl</c> with arguments and a text as its input; null for the program on the PATH.</param>
internal sealed partial class KubernetesQueue(KubernetesLauncherSection settings, KubectlRunner? ask = null)
{
    /// <summary>The first release whose Jobs have indices without a gate to open.</summary>
    public const int FirstIndexed = 22;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The client.</summary>
    public string Program { get; init; } = "kubectl";

    /// <summary>Whether pods of a Job can have a task of their own each.</summary>
    /// <exception cref="DiagnosticException">There is no <c>kubectl</c>, or the cluster does not answer.</exception>
    public async Task<bool> IsIndexedAsync(CancellationToken cancellation)
    {
        var version = await RequireAsync(["get", "--raw", "/version"], cancellation);
        return Minor().Match(version) is not { Success: true } found || int.Parse(found.Groups["minor"].Value, CultureInfo.InvariantCulture) >= FirstIndexed;
    }

    /// <summary>Looks whether the claim of the volume is there and can be had.</summary>
    /// <exception cref="DiagnosticException">It is not.</exception>
    public async Task CheckClaimAsync(CancellationToken cancellation)
    {
        if (settings.Volume.Claim is not { } claim) return;
        var phase = (await RequireAsync(["get", "persistentvolumeclaim", claim, "--output=jsonpath={.status.phase}"], cancellation)).Trim();
        // A claim may wait for the first pod that uses it.
        if (phase == "Lost") throw new DiagnosticException(Claim($"the claim '{claim}' has lost its volume", ""));
    }

    /// <summary>Makes a Job.</summary>
    /// <exception cref="DiagnosticException">The cluster refuses it.</exception>
    public Task CreateAsync(string manifest, CancellationToken cancellation) => RequireAsync(["create", "--filename=-", "--output=name"], cancellation, manifest);

    /// <summary>What the cluster has of a run, whatever its size in two lists.</summary>
    /// <exception cref="DiagnosticException">The cluster does not answer just now, or refuses.</exception>
    public async Task<KubernetesLook> LookAsync(string run, CancellationToken cancellation)
    {
        var label = $"--selector={KubernetesJob.RunLabel}={run}";
        var jobs = await RequireAsync(["get", "jobs", label, "--output=json"], cancellation);
        // Those that succeeded have left an exit file, and would be most of the answer.
        var pods = await RequireAsync(["get", "pods", label, "--field-selector=status.phase!=Succeeded", "--output=json"], cancellation);
        return new KubernetesLook(KubernetesJobState.Parse(jobs), KubernetesPod.Parse(pods));
    }

    /// <summary>What the cluster warns of about a Job or a pod, the newest last; empty when there is nothing.</summary>
    public async Task<string> WarningAsync(string name, CancellationToken cancellation)
    {
        var said = await RunAsync(["get", "events", $"--field-selector=involvedObject.name={name},type=Warning", "--sort-by=.lastTimestamp", "--output=jsonpath={range .items[*]}{.reason}: {.message}{\"\\n\"}{end}"], cancellation);
        return said.ExitCode == 0 ? said.Output.TrimEnd().Split('\n')[^1] : "";
    }

    /// <summary>Takes the Jobs of a run away, and their pods; one name alone, or all.</summary>
    public Task DeleteAsync(string run, string? name, CancellationToken cancellation) =>
        RunAsync(["delete", "jobs", name ?? $"--selector={KubernetesJob.RunLabel}={run}", "--wait=false", "--ignore-not-found=true"], cancellation);

    /// <summary>Why the cluster refused, by its own words.</summary>
    internal Diagnostic Refusal(string words)
    {
        bool Has(string text) => words.Contains(text, StringComparison.OrdinalIgnoreCase);
        var space = settings.Namespace ?? "the context's namespace";
        if (Has("persistentvolumeclaim")) return Claim($"the claim '{settings.Volume.Claim}' cannot be had in {space}", words);
        if (Unreachable().IsMatch(words))
        {
            return Diagnostic.Error("kubernetes-unreachable", "the Kubernetes cluster does not answer") with
            {
                Detail = words,
                Help = "'kubectl get --raw /version' asks it: launcher.kubernetes.kubeconfig and launcher.kubernetes.context say which one; go on later with: regatta resume RUN",
            };
        }

        var (summary, help) = words switch
        {
            _ when Has("namespaces \"") && Has("not found") => ($"there is no namespace '{settings.Namespace}'", "'kubectl get namespaces' shows which there are: launcher.kubernetes.namespace=NAME"),
            _ when Has("exceeded quota") || Has("must specify limits") => ($"the quota of {space} keeps the pods out", "ask for less (launcher.kubernetes.processors, .memory, .parallelism), or see 'kubectl describe quota'"),
            _ when Has("PodSecurity") || Has("PodSecurityPolicy") || Has("security context constraint") => ($"{space} does not let such pods in", "a claim in the place of a directory of the nodes (launcher.kubernetes.volume.claim) is mostly let in"),
            _ when Has("PriorityClass") => ("there is no such priority class", "'kubectl get priorityclasses' shows which there are: launcher.kubernetes.priority_class=NAME"),
            _ when Has("Unauthorized") || Has("must be logged in") || Has("provide credentials") => ("the cluster does not know who asks", "log in to it, as 'kubectl auth whoami' tells"),
            _ when Has("forbidden") => ($"this user may not run Jobs in {space}", "'kubectl auth can-i --list' shows what may be done: jobs (create, get, list, delete), pods, events and persistentvolumeclaims (get, list) are needed"),
            _ when Has("context") && (Has("does not exist") || Has("not found")) => ($"the kubeconfig has no context '{settings.Context}'", "'kubectl config get-contexts' shows which there are: launcher.kubernetes.context=NAME"),
            _ => ("Kubernetes refuses the Job", "what it says is below"),
        };
        return Diagnostic.Error("kubernetes-refused", summary) with { Detail = words, Help = help };
    }

    private static Diagnostic Claim(string summary, string words) => Diagnostic.Error("kubernetes-claim", summary) with
    {
        Detail = words.Length == 0 ? null : words,
        Help = "'kubectl get persistentvolumeclaims' shows which there are: launcher.kubernetes.volume.claim=NAME; it must be bound, and may be used from all nodes (ReadWriteMany)",
    };

    private async Task<string> RequireAsync(string[] arguments, CancellationToken cancellation, string input = "")
    {
        var result = await RunAsync(arguments, cancellation, input);
        return result.ExitCode == 0 ? result.Output : throw new DiagnosticException(Refusal(result.Error.Trim()));
    }

    private Task<ToolResult> RunAsync(string[] arguments, CancellationToken cancellation, string input = "")
    {
        var all = new List<string> { string.Create(CultureInfo.InvariantCulture, $"--request-timeout={Patience.TotalSeconds}s") };
        foreach (var (option, value) in new[] { ("kubeconfig", settings.Kubeconfig), ("context", settings.Context), ("namespace", settings.Namespace) })
        {
            if (value is not null) all.Add($"--{option}={value}");
        }

        return (ask ?? KubectlAsync)([.. all, .. arguments], input, cancellation);
    }

    private async Task<ToolResult> KubectlAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellation)
    {
        if (HostTool.Find(Program) is not { } program)
        {
            throw new DiagnosticException(Diagnostic.Error("kubernetes-missing", $"the launcher kubernetes needs '{Program}', which is not on the PATH") with
            {
                Help = "install the cluster's own release of it, or one a minor release apart; or take launcher=local",
            });
        }

        return await HostTool.TryAsync(program, arguments, cancellation, input);
    }

    [GeneratedRegex("""
        "minor":\s*"(?<minor>\d+)
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Minor();

    [GeneratedRegex("Unable to connect|connection refused|was refused|no such host|i/o timeout|deadline exceeded|timed? ?out|no route to host|server is currently unable|ServiceUnavailable", RegexOptions.IgnoreCase)]
    private static partial Regex Unreachable();
}
