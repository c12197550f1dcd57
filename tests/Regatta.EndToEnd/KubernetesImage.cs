using Regatta.Host;
using Regatta.Images;

namespace Regatta.EndToEnd;

/// <summary>The Volcano that tests run, which Debian lacks: found by <c>REGATTA_VOLCANO_PREFIX</c>.</summary>
public static class VolcanoPrefix
{
    /// <summary>Its variable.</summary>
    public const string Variable = "REGATTA_VOLCANO_PREFIX";

    /// <summary>The prefix; null where there is none.</summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } prefix && File.Exists(Path.Combine(prefix, "bin", "vc-scheduler")) ? prefix : null;

    /// <summary>Skips the test, saying so, where there is none.</summary>
    public static void Require() =>
        Assert.SkipWhen(Find() is null, $"needs real Volcano: set {Variable} to a directory with bin/vc-scheduler, bin/vc-controller-manager, bin/vc-webhook-manager and volcano-development.yaml");
}

/// <summary>A release of Kubernetes that tests run, as upstream's server archive has it: found by <c>REGATTA_KUBERNETES_PREFIX</c>.</summary>
public static class KubernetesPrefix
{
    /// <summary>Its variable.</summary>
    public const string Variable = "REGATTA_KUBERNETES_PREFIX";

    /// <summary>The prefix; null where there is none.</summary>
    public static string? Find() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } prefix && File.Exists(Path.Combine(prefix, "server", "bin", "kubeadm")) ? prefix : null;

    /// <summary>Locks it as the payload of an image of its own, and builds that; skips the test, saying so, where there is none.</summary>
    public static async Task<Image> BuildAsync()
    {
        RegattaProgram.RequireRoot();
        Assert.SkipWhen(HostTool.Find("nix") is null, "needs the real 'nix': regatta doctor --fix");
        var prefix = Find();
        Assert.SkipWhen(prefix is null, $"needs a release of Kubernetes: set {Variable} to the folder of its unpacked server archive, which holds server/bin/kubeadm");
        var state = new Dictionary<string, string?> { ["REGATTA_STATE"] = Path.Combine(new Installation(RegattaProgram.Root).Artifacts, "tests", "kubernetes-release-state") };
        await RegattaProgram.ExpectAsync(0, ["image", "lock", "kubernetes", "--payload", $"kubernetes={prefix}"], environment: state);
        var built = await RegattaProgram.ExpectAsync(0, ["image", "build", "kubernetes", "--json"], environment: state);
        return ImageContract.Read(built.Json("image").Single().GetProperty("directory").GetString()!);
    }
}

/// <summary>
/// The image of Kubernetes, compiled from Debian's sources when it is not there, with the Volcano of this host where there is one; its lock lies in a state directory
/// of the tests' own.
/// </summary>
public static class KubernetesImage
{
    /// <summary>What the program is to see.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["REGATTA_STATE"] = Path.Combine(new Installation(RegattaProgram.Root).Artifacts, "tests", VolcanoPrefix.Find() is null ? "kubernetes-state" : "volcano-state"),
    };

    /// <summary>Locks and builds.</summary>
    public static async Task<Image> BuildAsync()
    {
        RegattaProgram.RequireRoot();
        Assert.SkipWhen(HostTool.Find("nix") is null, "needs the real 'nix': regatta doctor --fix");
        if (VolcanoPrefix.Find() is { } prefix) await RegattaProgram.ExpectAsync(0, ["image", "lock", "kubernetes", "--payload", $"volcano={prefix}"], environment: Environment);
        var built = await RegattaProgram.ExpectAsync(0, ["image", "build", "kubernetes", "--json"], environment: Environment);
        return ImageContract.Read(built.Json("image").Single().GetProperty("directory").GetString()!);
    }
}
