using Regatta.Images.Locking;
using Regatta.Images.Mirrors;
using Regatta.Images.Packages;

namespace Regatta.Tests.Images;

public sealed class SourcePackageTests
{
    private const string Index = """
        Package: jq
        Binary: jq, libjq1
        Version: 1.6-2.1
        Checksums-Sha256:
         aa 2500 jq_1.6-2.1.dsc
         bb 900 jq_1.6.orig.tar.gz
        Directory: pool/main/j/jq

        Package: kubernetes
        Format: 3.0 (quilt)
        Version: 1.20.5+really1.20.2-1.1+deb12u1
        Files:
         00 1973 kubernetes_1.20.5+really1.20.2-1.1+deb12u1.dsc
        Checksums-Sha256:
         19 1973 kubernetes_1.20.5+really1.20.2-1.1+deb12u1.dsc
         b8 34428927 kubernetes_1.20.5+really1.20.2.orig.tar.gz
         cc 833 kubernetes_1.20.5+really1.20.2.orig.tar.gz.asc
         9b 21300 kubernetes_1.20.5+really1.20.2-1.1+deb12u1.debian.tar.xz
        Directory: pool/main/k/kubernetes
        """;

    [Fact]
    public void A_source_package_is_its_archives_with_the_hashes_of_the_signed_index()
    {
        var index = new SourceIndex();
        index.Add("debian", new StringReader(Index));
        index.Add("debian-security", new StringReader(Index));

        var files = index.Find("kubernetes_1.20.5+really1.20.2-1.1+deb12u1.dsc")!;

        Assert.Equal(
            [("kubernetes_1.20.5+really1.20.2.orig.tar.gz", 34428927L, "b8"), ("kubernetes_1.20.5+really1.20.2-1.1+deb12u1.debian.tar.xz", 21300L, "9b")],
            files.Select(f => (f.StoreName, f.Size, f.Sha256)));
        Assert.All(files, f => Assert.Equal(("kubernetes", "debian", LockedPackage.Source), (f.Name, f.Repo, f.Architecture)));
        Assert.Equal("pool/main/k/kubernetes/kubernetes_1.20.5+really1.20.2.orig.tar.gz", files[0].Path);
        Assert.Null(index.Find("kubernetes_1.20.5.dsc"));
    }

    [Fact]
    public void Which_version_apt_would_take_is_read_from_the_addresses_that_it_prints() =>
        Assert.Equal(
            "kubernetes_1.20.5+really1.20.2-1.1+deb12u1.dsc",
            AptResolver.Description("""
                Reading package lists...
                Need to get 34.5 MB of source archives.
                'http://mirror.invalid/debian/pool/main/k/kubernetes/kubernetes_1.20.5%2breally1.20.2-1.1%2bdeb12u1.dsc' kubernetes_1.20.5+really1.20.2-1.1+deb12u1.dsc 1973 SHA256:19fa
                'http://mirror.invalid/debian/pool/main/k/kubernetes/kubernetes_1.20.5%2breally1.20.2.orig.tar.gz' kubernetes_1.20.5+really1.20.2.orig.tar.gz 34428927 SHA256:b83c
                """));

    [Fact]
    public void Sources_and_toolchains_are_written_to_a_lock_and_read_back()
    {
        var source = Locks.Package("jq") with { Architecture = LockedPackage.Source, Path = "pool/main/j/jq_1.orig.tar.gz" };
        var made = Locks.Of(Locks.Package("bash")) with
        {
            Toolchain = [Locks.Package("golang-1.19-go")],
            Sources = [source, source with { Path = "pool/main/j/jq_1-1.debian.tar.xz" }],
        };

        var read = PackageLockFile.Parse(PackageLockFile.Format(made), "node.lock.json");

        Assert.Equal(["pool/main/j/jq_1-1.debian.tar.xz", "pool/main/j/jq_1.orig.tar.gz"], read.Sources.Select(s => s.Path));
        Assert.Equal(["golang-1.19-go"], read.Toolchain.Select(p => p.Name));
        Assert.Equal(["bash", "golang-1.19-go", "jq", "jq"], read.Files.Select(f => f.Name));
        Assert.Equal("http://mirror.invalid/debian/pool/main/j/jq_1.orig.tar.gz", new Mirror("http://mirror.invalid", MirrorLayout.Parent).AddressOf(source, "")!.ToString());
    }

    [Fact]
    public void A_source_that_stands_there_twice_or_is_no_source_is_named()
    {
        var source = Locks.Package("jq") with { Architecture = LockedPackage.Source, Path = "pool/main/j/jq_1.orig.tar.gz" };
        var text = PackageLockFile.Format(Locks.Of(Locks.Package("bash")) with { Sources = [source, source, Locks.Package("yq") with { Path = "/z.tar" }] });

        var faults = Assert.Throws<DiagnosticException>(() => PackageLockFile.Parse(text, "node.lock.json")).Diagnostics.Select(d => d.Summary).ToList();

        Assert.Contains("'node.lock.json': sources[1]: 'pool/main/j/jq_1.orig.tar.gz' stands there twice", faults);
        Assert.Contains("'node.lock.json': sources[2].architecture: 'amd64' is not 'source'", faults);
        Assert.Contains("'node.lock.json': sources[2].path: '/z.tar' is not a path below a repository", faults);
    }

    [Fact]
    public void A_lock_without_the_sources_that_the_role_asks_for_is_refused()
    {
        using var copy = new CatalogCopy();
        var role = Path.Combine(copy.Catalog.Directory, "roles", "kubernetes.json");
        File.WriteAllText(role, File.ReadAllText(role).Replace("[\"kubernetes\"]", "[\"kubernetes\", \"coredns\"]", StringComparison.Ordinal).Replace("golang-1.19-go", "golang-1.20-go", StringComparison.Ordinal));

        var fault = Assert.Throws<DiagnosticException>(() => copy.Catalog.Lock(copy.Catalog.Role("kubernetes"))).Diagnostics[0];

        Assert.Equal("lock-stale", fault.Code);
        Assert.Equal("toolchain packages it lacks: golang-1.20-go\nsource packages it lacks: coredns", fault.Detail);
        Assert.Equal("regatta image lock kubernetes", fault.Help);
    }
}
