using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Images;
using Regatta.Images.Packages;
using Regatta.Images.Payloads;
using Regatta.Schedulers;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta image</c>: the images that nodes boot from.</summary>
internal static class ImageCommand
{
    /// <summary>The builder of this installation.</summary>
    public static NixImageBuilder Builder()
    {
        var installation = Installation.OfProcess();
        return NixImageBuilder.OfProcess(installation.Images, Path.Combine(installation.Artifacts, "images"), StateDirectory.OfProcess().Payloads);
    }

    public static Command Create(ITerminal terminal) =>
        new Command("image", "Locks, builds, verifies and shows the images that nodes boot from.")
        {
            List(terminal),
            Build(terminal),
            Show(terminal),
            Verify(terminal),
            Fetch(terminal),
            Lock(terminal),
            Forget(terminal),
        }.WithExamples(
            "regatta image list                which images there are",
            "regatta image build slurm         builds one, unless it is there already",
            "regatta image show slurm          its packages");

    private static Argument<string> Name(string description) => new("image") { Description = description };

    private static Command List(ITerminal terminal)
    {
        var command = new Command("list", "Lists the images, and where they lie when they are built.");
        command.SetAction(_ =>
        {
            var builder = Builder();
            var table = new Table().Border(TableBorder.Simple).AddColumns("image", "also", "holds", "packages", "as of", "built");
            table.Columns[3].RightAligned();
            foreach (var role in builder.Catalog.Roles())
            {
                var read = builder.Catalog.Lock(role);
                var unlocked = builder.Lacks(new ImageSpec(role.Name)).Any(d => d.Code == "payload-missing");
                var image = unlocked ? null : builder.Find(role);
                var versions = Versions(builder.Catalog, role);
                terminal.WriteJson("image", new ListedImage(role.Name, [.. role.Aliases], read.Packages.Length, read.Releases.Max(r => r.Date), image?.Directory) { Versions = versions }, ImageJson.Default.ListedImage);
                table.AddRow(
                    new Text(role.Name, new Style(decoration: Decoration.Bold)),
                    new Text(string.Join(", ", role.Aliases)),
                    new Text(string.Join(", ", versions.Select(v => $"{v.Key} {v.Value}"))),
                    new Text(read.Packages.Length.ToString(CultureInfo.InvariantCulture)),
                    new Text(read.Releases.Max(r => r.Date).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
                    new Text(image?.Directory ?? (unlocked ? "no: 'regatta image build " + role.Name + "' says what it needs" : "no")));
            }

            terminal.Write(table);
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta image list", "regatta image list --json");
    }

    /// <summary>The schedulers of an image and their versions, as far as its lock tells.</summary>
    private static SortedDictionary<string, string> Versions(ImageCatalog catalog, ImageRole role)
    {
        var contents = ImageContents.Known(catalog, role);
        return new(KnownSchedulers.All.Select(s => (s.Name, Version: s.VersionIn(contents))).Where(s => s.Version is not null).ToDictionary(s => s.Name, s => s.Version!), StringComparer.Ordinal);
    }

    private static Command Build(ITerminal terminal)
    {
        var name = Name("Name of an image, or a flake reference that keeps the image contract, such as path:mine#node.");
        var command = new Command("build", "Builds an image with Nix, unless it is there already.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var image = await terminal.WatchAsync(monitor => Builder().EnsureAsync(new ImageSpec(parsed.GetRequiredValue(name)), monitor, cancellation));
            terminal.WriteLine(image.Directory);
            terminal.WriteJson("image", new BuiltImage(image.Name, image.Directory, image.Manifest.LockHash, new SortedDictionary<string, string>(image.Manifest.Files.ToDictionary(), StringComparer.Ordinal)), ImageJson.Default.BuiltImage);
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta image build slurm", "regatta image build path:/home/me/images#node");
    }

    private static Command Show(ITerminal terminal)
    {
        var name = Name("Name of an image, or a directory that holds one.");
        var sbom = new Option<bool>("--sbom") { Description = "The packages as an SPDX 2.3 document (JSON) on standard output." };
        var command = new Command("show", "Shows the packages of an image with their versions and hashes.") { name, sbom };
        command.SetAction(parsed =>
        {
            var given = parsed.GetRequiredValue(name);
            var contents = Contents(given);
            if (parsed.GetValue(sbom))
            {
                var document = SpdxDocument.Create(contents);
                if (terminal.Json) terminal.WriteJson("sbom", document, ImageJson.Default.JsonObject);
                else terminal.WriteResult(SpdxDocument.Format(document));
                return (int)ExitCode.Done;
            }

            terminal.WriteJson("contents", contents, ImageJson.Default.ImageContents);
            var table = new Table().Border(TableBorder.Simple).AddColumns("package", "version", "sha256");
            foreach (var payload in contents.Payloads)
                table.AddRow(new Text($"{payload.Name} (payload, {payload.Prefix})"), new Text(payload.Version), new Text(payload.Sha256[..16], new Style(Color.Grey)));
            foreach (var package in contents.Packages)
                table.AddRow(new Text(package.Name), new Text(package.Version), new Text(package.Sha256[..16], new Style(Color.Grey)));
            terminal.Write(table);
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contents.Name}: {contents.Packages.Length} packages, lock {contents.LockHash[..16]}, as of {DateTimeOffset.FromUnixTimeSeconds(contents.SourceDateEpoch):yyyy-MM-dd}"));
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta image show slurm", "regatta image show slurm --sbom > slurm.spdx.json");
    }

    private static ImageContents Contents(string given)
    {
        if (given.Contains('/', StringComparison.Ordinal)) return ImageContents.Of(ImageContract.Read(given).Manifest);
        var catalog = Builder().Catalog;
        return ImageContents.Of(catalog, catalog.Role(given));
    }

    private static Command Verify(ITerminal terminal)
    {
        var name = Name("Name of an image.");
        var command = new Command("verify", "Builds an image a second time and compares every byte.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            var builder = Builder();
            var role = builder.Catalog.Role(parsed.GetRequiredValue(name));
            var found = await terminal.WatchAsync(monitor => builder.VerifyAsync(role, monitor, cancellation));
            terminal.WriteJson("verification", new VerifiedImage(role.Name, found.Image.Directory, found.Identical, [.. found.Changed], [.. found.Differences]), ImageJson.Default.VerifiedImage);
            foreach (var (file, sha256) in found.Image.Manifest.Files) terminal.WriteLine($"{sha256}  {file}");
            if (found.Identical)
            {
                terminal.WriteLine("Built twice: every file is the same.");
                return (int)ExitCode.Done;
            }

            terminal.Report(Diagnostic.Error("image-not-reproducible", $"image '{role.Name}' is not the same when it is built again") with
            {
                Detail = string.Join('\n', found.Changed.Select(c => $"{c.File}: sha256 {c.Actual}, the manifest says {c.Expected}").Concat(found.Differences.Select(d => d.ToString()))),
                Help = found.SecondDirectory is null ? null : $"the second build lies in {found.SecondDirectory}",
            });
            return (int)ExitCode.Failed;
        });
        return command.WithExamples("regatta image verify slurm");
    }

    private static Command Fetch(ITerminal terminal)
    {
        var name = new Argument<string[]>("image") { Description = "Names of images; all if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "Write packages of one image as files to this directory instead; needs no Nix.", HelpName = "DIRECTORY" };
        var packages = new Option<string[]>("--package") { Description = "Which packages, with --output; may be repeated.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        var command = new Command("fetch", "Fetches the packages of images into the Nix store, so that building needs no network.") { name, output, packages };
        command.SetAction(async (parsed, cancellation) =>
        {
            var builder = Builder();
            if (parsed.GetValue(output) is { } directory)
            {
                if (parsed.GetValue(name) is not [var image] || parsed.GetValue(packages) is not { Length: > 0 } wanted)
                    throw new DiagnosticException(Diagnostic.Error("image-fetch-files", "--output takes one image and the names of its packages") with { Help = "regatta image fetch slurm --package libc6 libssl3 --output debs" });
                var files = await terminal.WatchAsync(monitor => builder.FetchFilesAsync(builder.Catalog.Role(image), wanted, directory, monitor, cancellation));
                foreach (var file in files) terminal.WriteLine(file);
                return (int)ExitCode.Done;
            }

            var roles = parsed.GetValue(name) is { Length: > 0 } names ? names.Select(builder.Catalog.Role).ToList() : [.. builder.Catalog.Roles()];
            foreach (var role in roles)
            {
                var summary = await terminal.WatchAsync(monitor => builder.FetchAsync(role, monitor, cancellation));
                terminal.WriteJson("fetch", new FetchedImage(role.Name, summary.Wanted, summary.Fetched, summary.Bytes), ImageJson.Default.FetchedImage);
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta image fetch",
            "regatta image fetch slurm --package libc6 libssl3 --output debs        files, without Nix",
            "REGATTA_MIRRORS=http://mirror.example regatta image fetch slurm");
    }

    private static Command Lock(ITerminal terminal)
    {
        var name = new Argument<string[]>("image") { Description = "Names of images, or 'tools'; all and the tools if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var payloads = new Option<string[]>("--payload")
        {
            Description = "Software that is not in Debian, as NAME=SOURCE or NAME@VERSION=SOURCE: a directory, an archive, a URL, a Debian source package with patches (FILE.dsc+PATCHES) or a container image by digest. Locks this payload only, on this machine; the packages stay as they are.",
            HelpName = "NAME=SOURCE",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("lock", "Chooses the newest versions of all packages with apt and writes the lock files, or locks what Debian lacks.") { name, payloads };
        command.SetAction(async (parsed, cancellation) =>
        {
            var builder = Builder();
            if (parsed.GetValue(payloads) is { Length: > 0 } references) return await LockPayloadsAsync(terminal, builder, parsed.GetValue(name) ?? [], references, cancellation);
            var names = parsed.GetValue(name) is { Length: > 0 } given ? given : [ImageCatalog.Tools, .. builder.Catalog.Roles().Where(r => r.OwnBuild is null).Select(r => r.Name)];
            foreach (var role in names.Select(builder.Catalog.RoleOrTools).ToList())
            {
                var (made, before) = await terminal.WatchAsync(monitor => builder.LockAsync(role, monitor, cancellation));
                var changes = LockChange.Between(before, made);
                terminal.WriteJson("lock", new LockedImage(role.Name, builder.Catalog.LockPath(role.Name), made.Packages.Length, [.. changes]), ImageJson.Default.LockedImage);
                foreach (var change in changes) terminal.WriteLine($"  {change}");
                if (before is null) terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {role.Name}: {made.Packages.Length} packages, locked for the first time"));
                else if (changes.Count == 0) terminal.WriteLine($"  {role.Name}: the same packages as before");
                foreach (var release in made.Releases.Where(r => r.ExpiredAt is not null)) terminal.Report(Expired(role, release));
            }

            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta image lock                all locks",
            "regatta image lock slurm",
            "regatta image lock flux --payload flux=/opt/flux",
            "regatta image lock slurm+dev --payload slurm=/opt/slurm-dev        a build of one's own, beside the image",
            "regatta image lock slurm+dev --payload slurm=slurm-wlm_22.05.8-4.dsc+patches        compiled here, with the patches of a directory",
            "regatta image lock flux --payload flux=docker://registry.example/flux-sched@sha256:0123…");
    }

    private static Command Forget(ITerminal terminal)
    {
        var name = Name("Name of an image, such as slurm+dev.");
        var command = new Command("forget", "Forgets the payloads that this machine has locked for an image. Nix collects their bytes.") { name };
        command.SetAction(parsed =>
        {
            var builder = Builder();
            var role = builder.Catalog.Role(parsed.GetRequiredValue(name));
            var forgotten = builder.Forget(role);
            foreach (var payload in forgotten) terminal.WriteJson("forgotten", new LockedPayloadView(role.Name, builder.Catalog.PayloadLockPath(role.Name), payload), ImageJson.Default.LockedPayloadView);
            terminal.WriteLine(forgotten.Count == 0 ? $"  {role.Name}: nothing was locked" : $"  {role.Name}: {string.Join(", ", forgotten.Select(p => $"{p.Name} {p.Version}"))}");
            return (int)ExitCode.Done;
        });
        return command.WithExamples("regatta image forget slurm+dev");
    }

    private static Diagnostic Expired(ImageRole role, LockedRelease release) =>
        Diagnostic.Warning("lock-index-expired", string.Create(CultureInfo.InvariantCulture, $"the index of '{release.Suite}' was good until {release.ExpiredAt:yyyy-MM-dd}, and '{role.Name}' was locked from it nevertheless")) with
        {
            Help = "its signature was checked and its date was not: the role says of this suite that its indices expire. A mirror that is up to date has newer packages",
        };

    private static async Task<int> LockPayloadsAsync(ITerminal terminal, NixImageBuilder builder, string[] images, string[] references, CancellationToken cancellation)
    {
        if (images is not [var image])
            throw new DiagnosticException(Diagnostic.Error("payload-image-name", "a payload is for one image: name it") with { Help = "regatta image lock IMAGE --payload NAME=SOURCE" });
        var role = builder.Catalog.Role(image);
        var wanted = references.Select(PayloadReference.Parse).ToList();
        var locked = await terminal.WatchAsync(monitor => builder.LockPayloadsAsync(role, wanted, image => KnownSchedulers.All.Select(s => s.Unfit(image)).OfType<Diagnostic>(), monitor, cancellation));
        foreach (var payload in locked)
        {
            terminal.WriteJson("payload", new LockedPayloadView(role.Name, builder.Catalog.PayloadLockPath(role.Name), payload), ImageJson.Default.LockedPayloadView);
            terminal.WriteLine($"  {payload.Name} {payload.Version} under {payload.Prefix}, sha256 {payload.Sha256}");
        }

        terminal.WriteLine($"  locked in {builder.Catalog.PayloadLockPath(role.Name)}");
        return (int)ExitCode.Done;
    }
}
