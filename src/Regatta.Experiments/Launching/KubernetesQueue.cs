using System.ComponentModel;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Launching;

/// <summary>What a cluster has of a run: its Jobs, and those of their pods that did not succeed.</summary>
internal sealed record KubernetesLook(IReadOnlyList<KubernetesJobState> Jobs, IReadOnlyList<KubernetesPod> Pods);

/// <summary>The questions that the launcher asks a cluster, by <c>kubectl</c>.</summary>
internal sealed partial class KubernetesQueue(KubernetesLauncherSection settings)
{
    /// <summary>The first release whose Jobs have indices without a gate to open.</summary>
    private const int FirstIndexed = 22;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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

    /// <summary>What the cluster has of a run, whatever its size in two lists; null when it does not answer just now.</summary>
    public async Task<KubernetesLook?> LookAsync(string run, CancellationToken cancellation)
    {
        var label = $"--selector={KubernetesJob.RunLabel}={run}";
        var jobs = await RunAsync(["get", "jobs", label, "--output=json"], cancellation);
        if (jobs.ExitCode != 0) return null;
        // Those that succeeded have left an exit file, and would be most of the answer.
        var pods = await RunAsync(["get", "pods", label, "--field-selector=status.phase!=Succeeded", "--output=json"], cancellation);
        return pods.ExitCode == 0 ? new KubernetesLook(KubernetesJobState.Parse(jobs.StandardOutput), KubernetesPod.Parse(pods.StandardOutput)) : null;
    }

    /// <summary>What the cluster warns of about a Job or a pod, the newest last; empty when there is nothing.</summary>
    public async Task<string> WarningAsync(string name, CancellationToken cancellation)
    {
        var said = await RunAsync(["get", "events", $"--field-selector=involvedObject.name={name},type=Warning", "--sort-by=.lastTimestamp", "--output=jsonpath={range .items[*]}{.reason}: {.message}{\"\\n\"}{end}"], cancellation);
        return said.ExitCode == 0 ? said.StandardOutput.TrimEnd().Split('\n')[^1] : "";
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
        return result.ExitCode == 0 ? result.StandardOutput : throw new DiagnosticException(Refusal(result.StandardError.Trim()));
    }

    private async Task<BufferedCommandResult> RunAsync(string[] arguments, CancellationToken cancellation, string input = "")
    {
        var all = new List<string> { string.Create(CultureInfo.InvariantCulture, $"--request-timeout={Patience.TotalSeconds}s") };
        foreach (var (option, value) in new[] { ("kubeconfig", settings.Kubeconfig), ("context", settings.Context), ("namespace", settings.Namespace) })
        {
            if (value is not null) all.Add($"--{option}={value}");
        }

        try
        {
            return await CliWrap.Cli.Wrap("kubectl").WithArguments([.. all, .. arguments]).WithStandardInputPipe(PipeSource.FromString(input)).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(
                Diagnostic.Error("kubernetes-missing", "the launcher kubernetes needs 'kubectl', which is not on the PATH") with { Help = "install the cluster's own release of it, or one minor release apart; or take launcher=local" },
                exception);
        }
    }

    [GeneratedRegex("""
        "minor":\s*"(?<minor>\d+)
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Minor();

    [GeneratedRegex("Unable to connect|connection refused|was refused|no such host|i/o timeout|deadline exceeded|timed? ?out|no route to host|server is currently unable|ServiceUnavailable", RegexOptions.IgnoreCase)]
    private static partial Regex Unreachable();
}
