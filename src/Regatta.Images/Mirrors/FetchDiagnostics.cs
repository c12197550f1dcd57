namespace Regatta.Images.Mirrors;

/// <summary>Says why packages could not be fetched.</summary>
internal static class FetchDiagnostics
{
    private const int Named = 5;

    /// <summary>One diagnostic for each kind of fault, which names the packages.</summary>
    public static List<Diagnostic> Explain(ImmutableArray<PackageFailure> failures)
    {
        var diagnostics = new List<Diagnostic>();
        var otherBytes = failures.Where(f => f.Refusals.Any(r => r.Kind == RefusalKind.OtherBytes)).ToList();
        var gone = failures.Except(otherBytes).Where(f => f.Refusals.Length > 0 && f.Refusals.All(r => r.Kind == RefusalKind.Absent)).ToList();
        var rest = failures.Except(otherBytes).Except(gone).ToList();
        foreach (var failure in otherBytes.Take(Named))
        {
            diagnostics.Add(Diagnostic.Error("package-hash", $"'{failure.Package.Name}' {failure.Package.Version} has another sha256 than the lock says") with
            {
                Detail = $"the lock says {failure.Package.Sha256}\n{Each(failure)}",
                Help = "the mirror or something on the way changed the file: try another mirror by REGATTA_MIRRORS;\nif the lock is wrong: regatta image lock",
            });
        }

        if (gone.Count > 0)
        {
            diagnostics.Add(Diagnostic.Error("package-gone", $"{Names(gone)}: no mirror holds {(gone.Count == 1 ? "the locked version" : "the locked versions")} any more") with
            {
                Detail = string.Join('\n', gone.Take(Named).Select(f => $"{f.Package.Path}\n{Each(f)}")),
                Help = "regatta image lock          takes the versions of today\nor set REGATTA_SNAPSHOT to the address of a snapshot archive, which keeps old ones",
            });
        }

        if (rest.Count > 0)
        {
            diagnostics.Add(Diagnostic.Error("package-fetch", $"{Names(rest)}: could not be fetched") with
            {
                Detail = string.Join('\n', rest.Take(Named).Select(f => f.Refusals.Length == 0 ? $"{f.Package.Path}\n  no mirror of '{f.Package.Repo}' is known" : $"{f.Package.Path}\n{Each(f)}")),
                Help = "check the network, or name another mirror by REGATTA_MIRRORS; what was fetched is kept",
            });
        }

        return diagnostics;
    }

    /// <summary>The disk is full.</summary>
    public static Diagnostic NoSpace(string directory) => Diagnostic.Error("image-no-space", $"no space is left for '{directory}'") with
    {
        Help = "nix-collect-garbage        removes what no image needs\nor make space on that disk",
    };

    private static string Each(PackageFailure failure) =>
        string.Join('\n', failure.Refusals.Select(r => $"  {r.Mirror.Address}: {(r.Kind == RefusalKind.OtherBytes ? "gave " : "")}{r.Text}"));

    private static string Names(List<PackageFailure> failures)
    {
        var names = string.Join(", ", failures.Take(Named).Select(f => $"'{f.Package.Name}' {f.Package.Version}"));
        return failures.Count <= Named ? names : string.Create(CultureInfo.InvariantCulture, $"{names} and {failures.Count - Named} more");
    }
}
