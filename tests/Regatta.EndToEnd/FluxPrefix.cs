using Regatta.Host;
using Regatta.Images;

namespace Regatta.EndToEnd;

/// <summary>The Flux that tests run, which Debian lacks and nobody ships: found by <c>REGATTA_FLUX_PREFIX</c>.</summary>
public static class FluxPrefix
{
    /// <summary>Its variable.</summary>
    public const string Variable = "REGATTA_FLUX_PREFIX";

    /// <summary>Whether it names a Flux.</summary>
    public static bool IsThere =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } prefix && File.Exists(Path.Combine(prefix, "libexec", "flux", "cmd", "flux-broker"));

    /// <summary>The prefix; skips the test, saying so, where there is none.</summary>
    public static string Require()
    {
        var prefix = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(prefix), $"needs real Flux: set {Variable} to the prefix that it is installed to");
        Assert.SkipUnless(File.Exists(Path.Combine(prefix!, "libexec", "flux", "cmd", "flux-broker")), $"needs real Flux: {Variable} names '{prefix}', which holds none");
        return prefix!;
    }
}

/// <summary>The Flux image with the payload of this host, built by the program; its lock lies in a state directory of the tests' own.</summary>
public sealed class FluxImage : IAsyncLifetime
{
    private Image? _image;

    /// <summary>The image; skips the test where there is no Flux. A fixture that skips would fail its tests.</summary>
    public Image Image
    {
        get
        {
            RegattaProgram.RequireRoot();
            FluxPrefix.Require();
            return _image!;
        }
    }

    /// <summary>What the program is to see.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } =
        new Dictionary<string, string?> { ["REGATTA_STATE"] = Path.Combine(new Installation(RegattaProgram.Root).Artifacts, "tests", "flux-state") };

    /// <summary>Locks and builds; skips the test where there is no Flux.</summary>
    public static async Task<Image> BuildAsync()
    {
        RegattaProgram.RequireRoot();
        var prefix = FluxPrefix.Require();
        await RegattaProgram.ExpectAsync(0, ["image", "lock", "flux", "--payload", $"flux={prefix}"], environment: Environment);
        var built = await RegattaProgram.ExpectAsync(0, ["image", "build", "flux", "--json"], environment: Environment);
        return ImageContract.Read(built.Json("image").Single().GetProperty("directory").GetString()!);
    }

    public async ValueTask InitializeAsync()
    {
        if (System.Environment.IsPrivilegedProcess && FluxPrefix.IsThere) _image = await BuildAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
