using Regatta.Images;
using Regatta.Images.Payloads;
using Regatta.Images.Store;

namespace Regatta.Tests.Images;

/// <summary>Builds of the user's own: images beside those of Debian, each with payloads of its own.</summary>
public sealed class OwnBuildTests : IDisposable
{
    private readonly CatalogCopy _copy = new();
    private readonly DirectoryInfo _payloads = Directory.CreateTempSubdirectory("regatta-payloads-");

    private ImageCatalog Catalog => _copy.Catalog with { PayloadLocks = _payloads.FullName };

    public void Dispose()
    {
        _copy.Dispose();
        _payloads.Delete(recursive: true);
    }

    [Fact]
    public void A_build_is_an_image_with_the_packages_of_another_and_payloads_of_its_own()
    {
        var payload = Lock("slurm@trixie+dev", "24.11.5-dev");
        var (plain, own) = (Catalog.Role("slurm@trixie"), Catalog.Role("slurm-head@trixie+dev"));

        Assert.Equal(("slurm@trixie+dev", "slurm@trixie", "dev"), (own.Name, own.PackagesName, own.OwnBuild));
        Assert.Equal(["slurm-head@trixie+dev", "slurm-worker@trixie+dev"], own.Aliases);
        Assert.Equal(plain.Packages, own.Packages);
        Assert.Equal([payload], Catalog.Payloads(own));
        Assert.Empty(Catalog.Payloads(plain));
        Assert.Equal("slurm@trixie", Catalog.Lock(own).Name);
        Assert.Equal(("slurm@trixie+dev", "24.11.5-dev"), (ImageContents.Of(Catalog, own).Name, ImageContents.Of(Catalog, own).PayloadVersion("slurm")));
        Assert.NotEqual(Catalog.InputHash(plain), Catalog.InputHash(own));
    }

    [Fact]
    public void Builds_are_listed_once_they_are_locked_and_until_they_are_forgotten()
    {
        Assert.DoesNotContain(Catalog.Roles(), r => r.OwnBuild is not null);
        Lock("slurm+dev", "22.05.8");
        Lock("slurm+a1b2c3", "22.05.8");
        Lock("kubernetes+1.36", "1.36.0", "kubernetes");
        File.WriteAllText(Path.Combine(_payloads.FullName, "slurm+.lock.json"), "");

        Assert.Equal(["flux", "kubernetes", "kubernetes+1.36", "kubernetes@sid", "kubernetes@trixie", "slurm", "slurm+a1b2c3", "slurm+dev", "slurm-accounting", "slurm@sid", "slurm@trixie"], Catalog.Roles().Select(r => r.Name));

        var builder = new NixImageBuilder(Catalog, Path.Combine(_payloads.FullName, "state"), new NixCommand(), () => throw new InvalidOperationException("no mirror is needed"), TimeProvider.System);
        Assert.Equal("22.05.8", Assert.Single(builder.Forget(Catalog.Role("slurm+dev"))).Version);

        Assert.DoesNotContain("slurm+dev", Catalog.Roles().Select(r => r.Name));
        Assert.Empty(builder.Forget(Catalog.Role("slurm+dev")));
    }

    [Fact]
    public void A_build_that_is_not_locked_is_named_with_the_nearest_and_the_command_that_locks_it()
    {
        Lock("slurm+slow", "22.05.8");

        var fault = Assert.Throws<DiagnosticException>(() => Catalog.Payloads(Catalog.Role("slurm+slwo"))).Diagnostics.Single();

        Assert.Equal(("payload-missing", "this machine has locked no build 'slwo' of image 'slurm'"), (fault.Code, fault.Summary));
        Assert.StartsWith("did you mean 'slurm+slow'?\nregatta image lock slurm+slwo --payload slurm=SOURCE\nSOURCE is one of", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_a_build_is_told()
    {
        Assert.Equal("error[image-build-name]: '../x' cannot be the name of a build\n  help: small letters, digits, dots and hyphens, such as slurm+dev", Fault("slurm+../x"));
        Assert.Equal("error[image-build-name]: '' cannot be the name of a build\n  help: small letters, digits, dots and hyphens, such as slurm+dev", Fault("slurm+"));
        Assert.StartsWith("error[image-unknown]: there is no image 'slrum'\n  help: did you mean 'slurm'?", Fault("slrum+dev"), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Catalog.Directory, "roles", "bare.json"), """{ "version": 1, "name": "bare", "extends": "base" }""");
        Assert.StartsWith("error[image-unknown]: image 'bare' takes no payload, so it has no builds of one's own", Fault("bare+dev"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_has_no_packages_of_its_own_to_lock()
    {
        var builder = new NixImageBuilder(Catalog, Path.Combine(_payloads.FullName, "state"), new NixCommand(), () => throw new InvalidOperationException("no mirror is needed"), TimeProvider.System);

        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => builder.LockAsync(Catalog.Role("slurm+dev"), SilentMonitor.Instance, TestContext.Current.CancellationToken))).Diagnostics.Single();

        Assert.Equal(("image-build-packages", "'slurm+dev' has the packages of 'slurm'"), (fault.Code, fault.Summary));
        Assert.EndsWith("regatta image lock slurm+dev --payload slurm=SOURCE        locks the build", fault.Help, StringComparison.Ordinal);
    }

    private string Fault(string name) => Assert.Throws<DiagnosticException>(() => Catalog.Role(name)).Message;

    private LockedPayload Lock(string image, string version, string name = "slurm")
    {
        var payload = new LockedPayload(name, "/opt/" + name, version, PayloadKind.Directory, "/opt/" + name, 7, new string('a', 64));
        File.WriteAllText(Catalog.PayloadLockPath(image), PayloadLockFile.Format(new PayloadLock(image, [payload])));
        return payload;
    }
}
