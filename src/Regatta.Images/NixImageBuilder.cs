using System.Text.Json;
using System.Text.RegularExpressions;
using Regatta.Host;
using Regatta.Images.Locking;
using Regatta.Images.Mirrors;
using Regatta.Images.Packages;
using Regatta.Images.Payloads;
using Regatta.Images.Store;

namespace Regatta.Images;

/// <summary>Builds images with Nix: those of the checkout from their locks, and those of any flake that keeps the image contract.</summary>
/// <param name="catalog">The checkout's flake.</param>
/// <param name="state">Directory for stamps and links that keep images from being collected; made when it is not there.</param>
/// <param name="nix">Nix.</param>
/// <param name="mirrors">The mirrors, asked for once something has to be fetched.</param>
/// <param name="time">Clock.</param>
public sealed partial class NixImageBuilder(ImageCatalog catalog, string state, NixCommand nix, Func<MirrorList> mirrors, TimeProvider time) : IImageBuilder
{
    private const string System = "x86_64-linux";

    // Scratch tree, tar, disk and their copy in the store, for an image of a few hundred packages; measured 1.7 GB for 'slurm'.
    private const long BuildBytes = 2_500_000_000;

    // An image whose programs are compiled first: sources, compiler and what it keeps between two programs, each of some gigabytes.
    private const long CompileBytes = 9_000_000_000;

    /// <summary>The builder of this process.</summary>
    /// <param name="images">Directory of the checkout's flake.</param>
    /// <param name="state">Directory for stamps and links.</param>
    /// <param name="payloads">Directory for the locks of payloads.</param>
    public static NixImageBuilder OfProcess(string images, string state, string payloads) =>
        new(new ImageCatalog(images) { PayloadLocks = payloads }, state, new NixCommand(), MirrorList.OfMachine, TimeProvider.System);

    /// <summary>The checkout's flake.</summary>
    public ImageCatalog Catalog => catalog;

    /// <inheritdoc/>
    public async Task<Image> EnsureAsync(ImageSpec spec, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(monitor);
        var began = time.GetTimestamp();
        if (!IsOwn(spec)) return await ForeignAsync(spec, monitor, cancellation);
        var role = catalog.Role(spec.Name);
        var inputs = catalog.InputHash(role);
        if (ImageStamp.Read(StampPath(role.Name), inputs, spec.Name) is { } known)
        {
            monitor.Report(new Activity("image", role.Name, known.Directory, ActivityState.Unchanged) { Elapsed = time.GetElapsedTime(began) });
            return known;
        }

        PackageLock[] locks = [catalog.Lock(catalog.RoleOrTools(ImageCatalog.Tools)), catalog.Lock(role)];
        await nix.RequireAsync(cancellation);
        // Two programs that want the same image fetch and build it once.
        using var held = await FileLock.AcquireAsync(Path.Combine(StateFolder(), role.Name + ".lock"), cancellation);
        if (ImageStamp.Read(StampPath(role.Name), inputs, spec.Name) is { } built)
        {
            monitor.Report(new Activity("image", role.Name, built.Directory, ActivityState.Unchanged) { Elapsed = time.GetElapsedTime(began) });
            return built;
        }

        using var flake = OwnFlake.Open(catalog, role, StateFolder());
        var path = await OutputPathAsync(flake.Of(role), cancellation);
        if (!Directory.Exists(path) || (await Packages().InvalidAsync([path], cancellation)).Count > 0)
        {
            StorePackages.RequireSpace("/nix/store", role.Sources.IsEmpty ? BuildBytes : CompileBytes);
            await Packages().EnsureAsync(locks, monitor, cancellation);
            await Payloads().EnsureAsync(role, monitor, cancellation);
        }

        var directory = await BuildAsync(role.Name, flake.Of(role), LinkPath(role.Name), monitor, cancellation);
        var image = ImageContract.Read(directory, spec.Name);
        ImageStamp.Of(inputs, image).Write(StampPath(role.Name));
        monitor.Report(new Activity("image", role.Name, image.Directory, ActivityState.Done) { Elapsed = time.GetElapsedTime(began) });
        return image;
    }

    /// <summary>The image when it was built from the present inputs and is still there; else null. Calls no Nix.</summary>
    public Image? Find(ImageRole role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return ImageStamp.Read(StampPath(role.Name), catalog.InputHash(role), role.Name);
    }

    /// <summary>What keeps an image from being built on this machine, known without building: a payload that is not locked, a lock that is stale.</summary>
    public IReadOnlyList<Diagnostic> Lacks(ImageSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!IsOwn(spec)) return [];
        try
        {
            var role = catalog.Role(spec.Name);
            _ = catalog.Lock(role);
            _ = catalog.Payloads(role);
            return [];
        }
        catch (DiagnosticException exception)
        {
            return exception.Diagnostics;
        }
    }

    /// <summary>Packs payloads of an image out of what the user has, and pins them in the user's own lock.</summary>
    /// <param name="role">The image.</param>
    /// <param name="references">What was given.</param>
    /// <param name="unfit">What is wrong with the image as it would be, by what only schedulers know.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The image takes no such payload, or one cannot be packed or does not fit the image.</exception>
    public Task<IReadOnlyList<LockedPayload>> LockPayloadsAsync(
        ImageRole role, IReadOnlyList<PayloadReference> references, Func<ImageContents, IEnumerable<Diagnostic>> unfit, IActivityMonitor monitor, CancellationToken cancellation) =>
        Payloads().LockAsync(role, references, unfit, monitor, cancellation);

    /// <summary>Forgets the payloads that this machine has locked for an image, and the image that was built of them.</summary>
    /// <returns>What was forgotten; empty where nothing was locked.</returns>
    public IReadOnlyList<LockedPayload> Forget(ImageRole role)
    {
        ArgumentNullException.ThrowIfNull(role);
        var locked = catalog.Locked(role);
        // Nix collects what no link holds.
        foreach (var link in locked.Select(p => StorePayloads.LinkPath(catalog, role, p.Name)).Concat([LinkPath(role.Name), StampPath(role.Name), catalog.PayloadLockPath(role.Name)])) File.Delete(link);
        return locked;
    }

    /// <summary>Fetches the packages of an image and of the tools that make it into the store.</summary>
    /// <exception cref="DiagnosticException">Something could not be fetched.</exception>
    public async Task<FetchSummary> FetchAsync(ImageRole role, IActivityMonitor monitor, CancellationToken cancellation)
    {
        await nix.RequireAsync(cancellation);
        PackageLock[] locks = [catalog.Lock(catalog.RoleOrTools(ImageCatalog.Tools)), catalog.Lock(role)];
        var summary = await Packages().EnsureAsync(locks, monitor, cancellation);
        await Payloads().EnsureAsync(role, monitor, cancellation);
        return summary;
    }

    /// <summary>Builds an image a second time and compares the two, byte by byte.</summary>
    /// <returns>Nothing but equal hashes, or where the files differ.</returns>
    /// <exception cref="DiagnosticException">It could not be built.</exception>
    public async Task<ImageVerification> VerifyAsync(ImageRole role, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(monitor);
        var image = await EnsureAsync(new ImageSpec(role.Name), monitor, cancellation);
        monitor.Report(new Activity("image", role.Name, "comparing the image with its manifest"));
        var changed = await ImageComparison.WithManifestAsync(image, cancellation);
        // A second build needs the packages again, which may have been collected since the first.
        await FetchAsync(role, monitor, cancellation);
        StorePackages.RequireSpace("/nix/store", role.Sources.IsEmpty ? BuildBytes : CompileBytes);
        var again = image.Directory + ".check";
        using var flake = OwnFlake.Open(catalog, role, StateFolder());
        var result = await RunBuildAsync(role.Name, [flake.Of(role), "--rebuild", "--keep-failed", "--no-link"], monitor, cancellation);
        // --keep-failed keeps the differing result in the store, which is wanted, and the builder's scratch directory.
        foreach (var scratch in KeptScratch().Matches(result.Log).Select(m => m.Groups["path"].Value).Where(Directory.Exists)) Directory.Delete(scratch, recursive: true);
        if (result.ExitCode != 0 && !result.Log.Contains("may not be deterministic", StringComparison.Ordinal))
            throw new DiagnosticException(NixDiagnostics.Explain($"building image '{role.Name}' a second time", result.Log));
        ImmutableArray<FileDifference> differences = result.ExitCode == 0 ? [] : await ImageComparison.OfDirectoriesAsync(image.Directory, again, cancellation);
        var good = changed.IsEmpty && result.ExitCode == 0;
        monitor.Report(new Activity("image", role.Name, good ? "built twice, the same bytes" : "the bytes differ", good ? ActivityState.Done : ActivityState.Failed));
        return new ImageVerification(image, changed, differences, result.ExitCode == 0 ? null : again);
    }

    /// <summary>Chooses the versions of a role anew and writes its lock.</summary>
    /// <returns>The lock, and the one before if it could be read.</returns>
    /// <exception cref="DiagnosticException">Versions could not be chosen.</exception>
    public async Task<(PackageLock Lock, PackageLock? Before)> LockAsync(ImageRole role, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(monitor);
        if (role.OwnBuild is not null)
        {
            throw new DiagnosticException(Diagnostic.Error("image-build-packages", $"'{role.Name}' has the packages of '{role.PackagesName}'") with
            {
                Help = $"regatta image lock {role.PackagesName}        chooses those anew\nregatta image lock {role.Name} --payload {role.Payloads[0].Name}=SOURCE        locks the build",
            });
        }

        var path = catalog.LockPath(role.Name);
        PackageLock? before = null;
        try
        {
            before = PackageLockFile.Read(path);
        }
        catch (DiagnosticException)
        {
            // What cannot be read is what this replaces.
        }

        var list = mirrors();
        var folder = Directory.CreateTempSubdirectory("regatta-lock-").FullName;
        try
        {
            var made = await new AptResolver(list, time).ResolveAsync(role, folder, monitor, cancellation);
            if (role.Seed is { } name)
            {
                var package = made.Packages.First(p => p.Name == name);
                var files = await Fetcher(list).FetchAsync([new FetchRequest(package, made.Snapshot)], folder, SilentMonitor.Instance, cancellation);
                made = made with { Seed = await SeedInspector.InspectAsync(package, files[0], folder, nix, cancellation) };
            }

            var temporary = path + ".tmp";
            await File.WriteAllTextAsync(temporary, PackageLockFile.Format(made), cancellation);
            File.Move(temporary, path, overwrite: true);
            monitor.Report(new Activity("image", role.Name, string.Create(CultureInfo.InvariantCulture, $"{made.Packages.Length} packages locked"), ActivityState.Done));
            return (made, before);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private bool IsOwn(ImageSpec spec)
    {
        if (!spec.Flake.Contains('#', StringComparison.Ordinal)) return true;
        var reference = spec.Flake[..spec.Flake.IndexOf('#', StringComparison.Ordinal)];
        var path = reference.StartsWith("path:", StringComparison.Ordinal) ? reference["path:".Length..] : reference;
        return path is "images" or "./images" || Path.GetFullPath(path) == Path.TrimEndingDirectorySeparator(catalog.Directory);
    }

    private string StampPath(string name) => Path.Combine(StateFolder(), name + ".json");

    private string LinkPath(string name) => Path.Combine(StateFolder(), name);

    private string StateFolder() => Directory.CreateDirectory(state).FullName;

    private StorePayloads Payloads() => new(catalog, nix, time);

    private StorePackages Packages() => new(nix, () => Fetcher(mirrors()), StateFolder());

    private PackageFetcher Fetcher(MirrorList list) => new(PackageFetcher.CreateClient(), list.All, new FetchSettings(), time);

    private async Task<string> OutputPathAsync(string flake, CancellationToken cancellation) =>
        (await nix.OutputAsync("nix", ["eval", "--raw", $"{flake}.outPath"], cancellation)).Trim();

    private async Task<Image> ForeignAsync(ImageSpec spec, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        await nix.RequireAsync(cancellation);
        var link = LinkPath("flake-" + Convert.ToHexStringLower(global::System.Security.Cryptography.SHA256.HashData(global::System.Text.Encoding.UTF8.GetBytes(spec.Flake)))[..16]);
        string directory;
        try
        {
            directory = await BuildAsync(spec.Name, spec.Flake, link, monitor, cancellation);
        }
        catch (DiagnosticException exception) when (exception.Diagnostics[0].Detail?.Contains("does not provide attribute", StringComparison.Ordinal) == true)
        {
            var names = await NamesAsync(spec, cancellation);
            throw new DiagnosticException(Diagnostic.Error("image-unknown", $"the flake '{spec.Flake.Split('#')[0]}' has no image '{spec.Name}'") with { Help = Suggestion.Help(spec.Name, names) }, exception);
        }

        var image = ImageContract.Read(directory, spec.Name);
        monitor.Report(new Activity("image", spec.Name, image.Directory, ActivityState.Done) { Elapsed = time.GetElapsedTime(began) });
        return image;
    }

    private async Task<IReadOnlyCollection<string>> NamesAsync(ImageSpec spec, CancellationToken cancellation)
    {
        var flake = spec.Flake.Split('#')[0];
        var result = await nix.RunAsync("nix", ["eval", "--json", $"{flake}#packages.{System}", "--apply", "builtins.attrNames"], null, cancellation);
        if (result.ExitCode != 0) return [];
        using var names = JsonDocument.Parse(result.Output);
        return [.. names.RootElement.EnumerateArray().Select(n => n.GetString()!)];
    }

    private async Task<string> BuildAsync(string name, string flake, string link, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var result = await RunBuildAsync(name, [flake, "--out-link", link], monitor, cancellation);
        if (result.ExitCode != 0)
        {
            monitor.Report(new Activity("image", name, "could not be built", ActivityState.Failed));
            throw new DiagnosticException(NixDiagnostics.Explain($"building image '{name}'", result.Log));
        }

        return Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName
            ?? throw new InvalidOperationException($"Nix left no link at '{link}'");
    }

    private Task<NixResult> RunBuildAsync(string name, IEnumerable<string> arguments, IActivityMonitor monitor, CancellationToken cancellation)
    {
        monitor.Report(new Activity("image", name, "building"));
        return nix.RunAsync(
            "nix",
            ["build", "--print-build-logs", .. arguments],
            line =>
            {
                // The builder's own steps: "slurm> ## unpacking after 8 s".
                if (BuildStep().Match(line) is { Success: true } step) monitor.Report(new Activity("image", name, "building: " + step.Groups["step"].Value));
            },
            cancellation);
    }

    [GeneratedRegex("> ## (?<step>.*) after [0-9]+ s$")]
    private static partial Regex BuildStep();

    [GeneratedRegex("keeping build directory '(?<path>/[^']+)'")]
    private static partial Regex KeptScratch();
}
