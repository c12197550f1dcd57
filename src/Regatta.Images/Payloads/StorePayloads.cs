using Regatta.Images.Mirrors;
using Regatta.Images.Store;

namespace Regatta.Images.Payloads;

/// <summary>Locks payloads and keeps their bytes in the Nix store, as paths fixed by their hash that are not collected.</summary>
/// <param name="catalog">The checkout's flake, and where payload locks lie.</param>
/// <param name="nix">Nix.</param>
/// <param name="time">Clock.</param>
internal sealed class StorePayloads(ImageCatalog catalog, NixCommand nix, TimeProvider time)
{
    /// <summary>Packs payloads, adds them to the store and writes the lock.</summary>
    /// <param name="role">The image.</param>
    /// <param name="references">What was given.</param>
    /// <param name="unfit">What is wrong with the image as it would be, by what only schedulers know.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The payloads that were locked, in the order they were given.</returns>
    /// <exception cref="DiagnosticException">The image has no such payload, or one could not be packed or does not fit the image. The lock is as it was.</exception>
    public async Task<IReadOnlyList<LockedPayload>> LockAsync(ImageRole role, IReadOnlyList<PayloadReference> references, Func<ImageContents, IEnumerable<Diagnostic>> unfit, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var wanted = references.Select(r => (Reference: r, Role: RoleOf(role, r.Name))).ToList();
        await nix.RequireAsync(cancellation);
        var path = catalog.PayloadLockPath(role.Name);
        var value = PayloadLockFile.Read(path, role.Name);
        var locked = new List<LockedPayload>();
        foreach (var (reference, payload) in wanted)
        {
            var made = await PackAsync(payload, reference.Source, reference.Version, role, known: null, monitor, cancellation);
            value = value.With(made);
            locked.Add(made);
        }

        var faults = unfit(ImageContents.With(catalog, role, value.Payloads)).ToList();
        if (faults.Count > 0) throw new DiagnosticException(faults);
        // Only now: until then the links keep what the lock says, which may be other bytes of the same names.
        foreach (var made in locked) await KeepAsync(role, made, cancellation);
        await File.WriteAllTextAsync(path + ".tmp", PayloadLockFile.Format(value), cancellation);
        File.Move(path + ".tmp", path, overwrite: true);
        return locked;
    }

    /// <summary>Brings the payloads of an image into the store, from where they came when they were locked.</summary>
    /// <exception cref="DiagnosticException">One is not locked, is not there any more, or has other bytes now.</exception>
    public async Task EnsureAsync(ImageRole role, IActivityMonitor monitor, CancellationToken cancellation)
    {
        foreach (var payload in catalog.Payloads(role))
        {
            var known = await nix.OutputAsync("nix-store", ["--check-validity", "--print-invalid", payload.StorePath], cancellation);
            if (known.Trim().Length == 0) continue;
            // Of an archive the tar itself is there, beside its lock.
            if (Path.Combine(catalog.PayloadFolder(), ImageInputs.TarName(payload)) is var tar && File.Exists(tar))
            {
                await TakeAsync(role, payload, tar, monitor, cancellation);
                continue;
            }

            await KeepAsync(role, await PackAsync(RoleOf(role, payload.Name), payload.Source, payload.Version, role, payload, monitor, cancellation), cancellation);
        }
    }

    /// <summary>Path of the link that keeps a payload's tar in the store.</summary>
    public static string LinkPath(ImageCatalog catalog, ImageRole role, string payload) => Path.Combine(catalog.PayloadFolder(), $"{role.Name}-{payload}.tar");

    // Its source may be gone tomorrow: unlike packages, it must outlive a collection of garbage.
    private async Task KeepAsync(ImageRole role, LockedPayload made, CancellationToken cancellation) =>
        await nix.OutputAsync("nix-store", ["--realise", made.StorePath, "--add-root", LinkPath(catalog, role, made.Name), "--indirect"], cancellation);

    private async Task TakeAsync(ImageRole role, LockedPayload payload, string tar, IActivityMonitor monitor, CancellationToken cancellation)
    {
        using (var stream = File.OpenRead(tar))
        {
            var sha256 = Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(stream, cancellation));
            if (sha256 != payload.Sha256)
            {
                throw new DiagnosticException(Diagnostic.Error("payload-hash", $"payload '{payload.Name}' has another sha256 than its lock says") with
                {
                    Where = new SourceRange(tar), Detail = $"the lock says {payload.Sha256}\nthe file has  {sha256}", Help = "ask for another copy of the archive",
                });
            }
        }

        StorePackages.RequireSpace("/nix/store", payload.Size);
        // The store takes the name from the file.
        var folder = Directory.CreateDirectory(Path.Combine(catalog.PayloadFolder(), $"taking-{Guid.NewGuid():N}")).FullName;
        try
        {
            var file = Path.Combine(folder, payload.StoreName);
            File.Copy(tar, file);
            await nix.OutputAsync("nix-store", ["--add-fixed", "sha256", file], cancellation);
            await KeepAsync(role, payload, cancellation);
            monitor.Report(new Activity("image", payload.Name, $"{payload.Version} from the archive", ActivityState.Done));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<LockedPayload> PackAsync(PayloadRole payload, string source, string? version, ImageRole role, LockedPayload? known, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        monitor.Report(new Activity("image", payload.Name, $"packing {source}"));
        var folder = Directory.CreateDirectory(Path.Combine(catalog.PayloadFolder(), $"packing-{Guid.NewGuid():N}")).FullName;
        HttpClient? client = null;
        try
        {
            var reader = new PayloadSource(() => client ??= PackageFetcher.CreateClient(), Environment.GetEnvironmentVariable);
            var tree = await reader.ReadAsync(source, payload, folder, monitor, cancellation);
            var (made, file) = await PayloadPacker.PackAsync(tree, payload, version, folder, cancellation);
            if (known is not null && made.Sha256 != known.Sha256) throw Changed(known, made, role.Name);
            if (known is null) await PayloadFitness.CheckAsync(file, made, role, catalog.Lock(role), cancellation);
            StorePackages.RequireSpace("/nix/store", 2 * made.Size);
            var path = (await nix.OutputAsync("nix-store", ["--add-fixed", "sha256", file], cancellation)).Trim();
            if (path != made.StorePath) throw new InvalidOperationException($"Nix put '{file}' at '{path}', not at '{made.StorePath}'");
            monitor.Report(new Activity("image", payload.Name, string.Create(CultureInfo.InvariantCulture, $"{made.Version} under {made.Prefix}, {made.Size / 1e6:F0} MB"), ActivityState.Done) { Elapsed = time.GetElapsedTime(began) });
            return made;
        }
        finally
        {
            client?.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static DiagnosticException Changed(LockedPayload known, LockedPayload made, string image) =>
        new(Diagnostic.Error("payload-hash", $"payload '{known.Name}' has another sha256 than its lock says") with
        {
            Detail = $"'{known.Source}' {(known.Kind == PayloadKind.Source ? "gives other bytes than when it was locked: it, its patches or this host's compiler were changed" : "was changed since it was locked")}\nthe lock says {known.Sha256}\nnow it is     {made.Sha256}",
            Help = $"regatta image lock {image} --payload {known.Name}={known.Source}        takes what is there now",
        });

    private static PayloadRole RoleOf(ImageRole role, string name)
    {
        if (role.Payloads.FirstOrDefault(p => p.Name == name) is { } found) return found;
        throw new DiagnosticException(Diagnostic.Error("payload-unknown", role.Payloads.IsEmpty ? $"image '{role.Name}' takes no payload" : $"image '{role.Name}' takes no payload '{name}'") with
        {
            Help = role.Payloads.IsEmpty ? null : Suggestion.Help(name, [.. role.Payloads.Select(p => p.Name)]),
        });
    }
}
