using System.Text.Json;

namespace Regatta.Images.Payloads;

/// <summary>How a payload is compiled out of a Debian source package on this host.</summary>
/// <param name="Needs">Packages that must be installed here; there is at least one.</param>
/// <param name="Steps">
/// Lines of a shell script that is run in the unpacked and patched tree and ends at the first line that fails. It installs below the directory in <c>DESTDIR</c>.
/// </param>
public sealed record SourceBuild(ImmutableArray<string> Needs, ImmutableArray<string> Steps)
{
    private static readonly string[] Keys = ["needs", "steps"];

    /// <summary>Reads what a role says of it; what is wrong goes to <paramref name="shape"/>.</summary>
    internal static SourceBuild? Read(JsonShape shape, JsonElement payload, string path)
    {
        if (!payload.TryGetProperty("source", out _) || shape.Object(payload, path, "source") is not { } item) return null;
        var at = path + "source.";
        shape.Keys(item, at, Keys);
        var build = new SourceBuild(shape.Texts(item, at, "needs"), shape.Texts(item, at, "steps"));
        if (build.Needs.IsEmpty) shape.Fault(at + "needs", "there are none");
        if (build.Steps.IsEmpty) shape.Fault(at + "steps", "there are none");
        return build;
    }
}
