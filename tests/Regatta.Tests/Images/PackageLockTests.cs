using System.Text.RegularExpressions;
using Regatta.Images;
using Regatta.Images.Locking;
using Regatta.Images.Packages;

namespace Regatta.Tests.Images;

public sealed class PackageLockTests
{
    private static ImageCatalog Catalog => new(Path.Combine(Repository.Root, "images"));

    [Theory]
    [InlineData("kubernetes")]
    [InlineData("slurm")]
    [InlineData("slurm@trixie")]
    [InlineData("slurm@sid")]
    [InlineData("flux")]
    [InlineData("tools")]
    public void A_committed_lock_belongs_to_its_role_and_is_written_back_as_the_same_bytes(string name)
    {
        var read = Catalog.Lock(Catalog.RoleOrTools(name));

        Assert.Equal(File.ReadAllText(Catalog.LockPath(name)), PackageLockFile.Format(read));
        Assert.Equal(name == "tools", read.Seed is not null);
    }

    [Fact]
    public void No_committed_file_names_a_host_that_packages_come_from()
    {
        foreach (var file in Directory.EnumerateFiles(Catalog.Directory, "*", SearchOption.AllDirectories))
            Assert.All(File.ReadLines(file), line => Assert.False(NamesHost(line), $"{file}: {line}"));
    }

    [Theory]
    [InlineData("url = https://packages.example/debian", true)]
    [InlineData("fetch http://192.0.2.1/x or https://x.invalid/y", true)]
    [InlineData("https://x.invalid/debian", false)]
    [InlineData("local://debian/pool", false)]
    [InlineData("socket=${2#unix://}", false)]
    public void A_host_is_told_from_a_scheme_alone(string line, bool names) => Assert.Equal(names, NamesHost(line));

    /// <summary>Whether a URL in the line has a host that could be one: not the placeholder (.invalid), not a path of the image itself (local), not a scheme that nothing follows.</summary>
    private static bool NamesHost(string line) =>
        Regex.Matches(line, @"(\w+)://([\w.\[][^/\s""']*)").Any(m => m.Groups[1].Value != "local" && !m.Groups[2].Value.EndsWith(".invalid", StringComparison.Ordinal));

    [Fact]
    public void A_lock_says_that_an_index_had_expired()
    {
        var lasting = Locks.Of(Locks.Package("bash"));
        var expired = lasting with { Releases = [lasting.Releases[0] with { ExpiredAt = new DateTimeOffset(2026, 11, 6, 20, 0, 0, TimeSpan.Zero) }] };

        Assert.DoesNotContain("expiredAt", PackageLockFile.Format(lasting), StringComparison.Ordinal);
        Assert.Equal(expired.Releases, PackageLockFile.Parse(PackageLockFile.Format(expired), "node.lock.json").Releases);
        Assert.NotNull(Assert.Single(Catalog.Lock(Catalog.Role("slurm@sid")).Releases).ExpiredAt);
        Assert.All(Catalog.Lock(Catalog.Role("slurm@trixie")).Releases, r => Assert.Null(r.ExpiredAt));
    }

    [Theory]
    [InlineData("Date: Fri, 30 Oct 2026 20:08:01 UTC\nValid-Until: Fri, 06 Nov 2026 20:08:01 UTC\n", "2026-10-30T20:08:01Z", "2026-11-06T20:08:01Z")]
    [InlineData("Suite: stable\nDate: Sat, 28 Nov 2026 09:00:00 UTC\n", "2026-11-28T09:00:00Z", null)]
    public void Dates_of_an_index_are_read(string index, string published, string? until)
    {
        Assert.Equal(DateTimeOffset.Parse(published, CultureInfo.InvariantCulture), AptResolver.Date(index, "Date"));
        Assert.Equal(until is null ? null : DateTimeOffset.Parse(until, CultureInfo.InvariantCulture), AptResolver.Date(index, "Valid-Until"));
    }

    [Fact]
    public void Packages_are_sorted_whatever_their_order_was()
    {
        var text = PackageLockFile.Format(Locks.Of(Locks.Package("zstd"), Locks.Package("bash")));

        Assert.Equal(["bash", "zstd"], PackageLockFile.Parse(text, "node.lock.json").Packages.Select(p => p.Name));
    }

    [Fact]
    public void Text_that_is_no_JSON_is_shown_with_its_place()
    {
        var fault = Assert.Throws<DiagnosticException>(() => PackageLockFile.Parse("{\n  \"version\": 1,\n  \"name\" \"node\"\n}", "node.lock.json")).Diagnostics[0];

        Assert.Equal("lock-malformed", fault.Code);
        Assert.Equal("'node.lock.json' is not JSON", fault.Summary);
        Assert.Equal(3, fault.Where!.Value.Line);
        Assert.Equal("  \"name\" \"node\"", fault.Excerpt);
        Assert.Equal("regatta image lock node", fault.Help);
    }

    [Fact]
    public void Another_version_is_refused()
    {
        var text = PackageLockFile.Format(Locks.Of(Locks.Package("bash"))).Replace("\"version\": 1,", "\"version\": 2,", StringComparison.Ordinal);

        var fault = Assert.Throws<DiagnosticException>(() => PackageLockFile.Parse(text, "node.lock.json")).Diagnostics[0];

        Assert.Equal("lock-version", fault.Code);
        Assert.Equal("'node.lock.json' has version 2; this program reads version 1", fault.Summary);
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var bash = Locks.Package("bash");
        var text = PackageLockFile.Format(Locks.Of(bash, bash with { Version = "2" }, Locks.Package("dash") with { Path = "../dash.deb" }, Locks.Package("sed") with { Sha256 = "12" }) with { Roots = ["bash", "tar"] })
            .Replace("\"size\": 17, ", "", StringComparison.Ordinal);

        var faults = Assert.Throws<DiagnosticException>(() => PackageLockFile.Parse(text, "node.lock.json")).Diagnostics.Select(d => d.Summary).ToList();

        Assert.Contains("'node.lock.json': packages[1]: 'bash' stands there twice", faults);
        Assert.Contains("'node.lock.json': packages[2].path: '../dash.deb' is not a path below a repository that ends in .deb", faults);
        Assert.Contains("'node.lock.json': packages[3].sha256: '12' is not a sha256 of 64 lower-case hexadecimal digits", faults);
        Assert.Contains("'node.lock.json': packages[0].size: is missing", faults);
        Assert.Contains("'node.lock.json': packages: 'tar' was asked for and is not among them", faults);
    }

    [Fact]
    public void A_lock_that_was_made_for_other_packages_is_refused_with_the_differences()
    {
        using var copy = new CatalogCopy();
        var role = Path.Combine(copy.Catalog.Directory, "roles", "base.json");
        File.WriteAllText(role, File.ReadAllText(role).Replace("\"zstd\"", "\"strace\"", StringComparison.Ordinal));

        var fault = Assert.Throws<DiagnosticException>(() => copy.Catalog.Lock(copy.Catalog.Role("slurm"))).Diagnostics[0];

        Assert.Equal("lock-stale", fault.Code);
        Assert.Equal("'slurm.lock.json' does not belong to what 'slurm' asks for", fault.Summary);
        Assert.Equal("packages it lacks: strace\npackages that nobody asks for: zstd", fault.Detail);
        Assert.Equal("regatta image lock slurm", fault.Help);
    }

    [Fact]
    public void A_lock_that_is_not_there_is_named()
    {
        using var copy = new CatalogCopy();
        File.Delete(copy.Catalog.LockPath("slurm"));

        var fault = Assert.Throws<DiagnosticException>(() => copy.Catalog.Lock(copy.Catalog.Role("slurm"))).Diagnostics[0];

        Assert.Equal("lock-missing", fault.Code);
        Assert.Equal("regatta image lock slurm", fault.Help);
    }

    [Fact]
    public void An_alias_names_the_same_image_and_an_unknown_name_gets_the_nearest()
    {
        Assert.Equal("slurm", Catalog.Role("slurm-head").Name);
        Assert.Equal("slurm", Catalog.Role("slurm-worker").Name);

        var fault = Assert.Throws<DiagnosticException>(() => Catalog.Role("slrum")).Diagnostics[0];
        Assert.Equal("there is no image 'slrum'", fault.Summary);
        Assert.Equal("did you mean 'slurm'?", fault.Help);
    }

    [Fact]
    public void The_inputs_change_with_every_byte_and_every_name()
    {
        using var copy = new CatalogCopy();
        var before = copy.Catalog.InputHash();
        Assert.Equal(Catalog.InputHash(), before);

        var script = Path.Combine(copy.Catalog.Directory, "builders", "disk.sh");
        File.AppendAllText(script, "\n");
        var edited = copy.Catalog.InputHash();
        File.Move(script, script + "2");

        Assert.Equal(3, new[] { before, edited, copy.Catalog.InputHash() }.Distinct().Count());
    }

    [Fact]
    public void Changes_between_locks_are_told_by_package()
    {
        var before = Locks.Of(Locks.Package("bash"), Locks.Package("dash"));
        var after = Locks.Of(Locks.Package("bash", version: "2.0-1"), Locks.Package("sed"));

        Assert.Equal(["bash 1.0-1 -> 2.0-1", "- dash 1.0-1", "+ sed 1.0-1"], LockChange.Between(before, after).Select(c => c.ToString()));
        Assert.Empty(LockChange.Between(after, after));
    }
}

/// <summary>A copy of the checkout's flake that a test may change.</summary>
internal sealed class CatalogCopy : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("regatta-images-");

    public CatalogCopy()
    {
        var source = Path.Combine(Repository.Root, "images");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_folder.FullName, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public ImageCatalog Catalog => new(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);
}
