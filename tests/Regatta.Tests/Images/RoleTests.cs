using Regatta.Images;

namespace Regatta.Tests.Images;

public sealed class RoleTests : IDisposable
{
    private readonly CatalogCopy _copy = new();

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void A_role_has_what_its_base_has_and_what_it_says_itself()
    {
        Write("mine", """{ "version": 1, "name": "mine", "extends": "slurm", "packages": ["htop", "zstd", "!slurmrestd"] }""");

        var (slurm, mine) = (_copy.Catalog.Role("slurm"), _copy.Catalog.Role("mine"));

        Assert.Equal(slurm.Packages.Remove("slurmrestd").Add("htop").Order(StringComparer.Ordinal), mine.Packages);
        Assert.Equal(slurm.Releases, mine.Releases);
        Assert.Equal(slurm.Build, mine.Build);
        Assert.Empty(mine.Aliases);
        Assert.Equal(("bookworm", "bookworm"), (slurm.Suite, mine.Suite));
    }

    [Fact]
    public void A_base_is_no_image()
    {
        Assert.DoesNotContain("base", _copy.Catalog.Roles().Select(r => r.Name));

        var fault = Assert.Throws<DiagnosticException>(() => _copy.Catalog.Role("base")).Diagnostics.Single();
        Assert.Equal(("image-unknown", "there is no image 'base'"), (fault.Code, fault.Summary));
    }

    public static TheoryData<string, string> Faults => new()
    {
        { """{ "version": 1, "name": "mine", "extends": "bsae" }""", "extends: there is no role 'bsae': did you mean 'base'?" },
        { """{ "version": 1, "name": "mine", "extends": "../base" }""", "extends: there is no role '../base': choose one of: base, flux, kubernetes, slurm, slurm-accounting" },
        { """{ "version": 1, "name": "mine", "extends": "mine" }""", "extends: roles extend one another in a circle: mine → mine" },
        { """{ "version": 1, "name": "mine", "extends": "base", "package": [] }""", "package: there is no such key: did you mean 'packages'?" },
        { """{ "version": 1, "name": "mine", "extends": "base", "units": { "disabled": [] } }""", "units.disabled: there is no such key: did you mean 'disable'?" },
        { """{ "version": 1, "name": "mine", "extends": "base", "suites": { "bookworm": { "suite": "sid" } } }""", "suites.bookworm.suite: there is no such key: choose one of: packages, build, toolchain, sources, modules, overlays, placeholders, compile, kernelCommandLine, diskSize, seed, payloads, releases, units, users" },
        { """{ "version": 1, "name": "mine", "extends": "base", "releases": [{ "repo": "debian", "suite": "sid", "expires": "yes" }] }""", "releases[0].expires: a boolean is expected, not a string" },
        { """{ "version": 1, "name": "mine", "extends": "base", "suite": "bookwrom" }""", "suite: nothing is said of the suite 'bookwrom': did you mean 'bookworm'?" },
        { """{ "version": 1, "name": "mine", "extends": "base", "packages": ["!munge"] }""", "packages: '!munge' takes away what nothing before it brings" },
        { """{ "version": 1, "name": "mine", "extends": "base", "overlays": ["overlay.mine"] }""", "overlays: there is no directory 'overlay.mine' beside 'roles'" },
        { """{ "version": 1, "name": "mine", "extends": "base", "compile": "slrum" }""", "compile: there is no directory 'slrum' beside 'roles'" },
        { """{ "version": 1, "name": "mine", "extends": "base", "users": { "munge": "960" } }""", "users.munge: an integer of at least 1 is expected, not \"960\"" },
        { """{ "version": 1, "name": "mine", "extends": "base", "abstract": "no" }""", "abstract: a boolean is expected, not a string" },
        { """{ "version": 1, "name": "mine", "extends": "base", "payloads": [{ "name": "a", "summary": "a", "requires": ["a"], "files": ["a"], "source": { "needs": [], "steps": ["make"] } }] }""", "payloads[0].source.needs: there are none" },
        { """{ "version": 1, "name": "mine", "releases": [], "packages": [], "diskSize": "4G" }""", "kernelCommandLine: is missing" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_is_wrong_with_a_role_is_named_with_its_place(string role, string fault)
    {
        Write("mine", role);

        var named = Assert.Throws<DiagnosticException>(() => _copy.Catalog.Roles()).Diagnostics.Single();

        Assert.Equal(("role-malformed", $"'mine.json': {fault}"), (named.Code, named.Summary));
        Assert.Equal(PathOf("mine"), named.Where!.Value.Source);
        Assert.Equal("docs/images.md says what a role holds; compare it with images/roles/slurm.json", named.Help);
    }

    [Fact]
    public void A_circle_over_several_files_names_them_all()
    {
        Write("mine", """{ "version": 1, "name": "mine", "extends": "yours" }""");
        Write("yours", """{ "version": 1, "name": "yours", "extends": "mine" }""");

        var fault = Assert.Throws<DiagnosticException>(() => ImageRole.Read(PathOf("mine"))).Diagnostics.Single();

        Assert.Equal("'yours.json': extends: roles extend one another in a circle: mine → yours → mine", fault.Summary);
    }

    [Fact]
    public void A_fault_of_a_base_is_named_in_the_base()
    {
        Replace("base", "\"mask\"", "\"masked\"");

        var fault = Assert.Throws<DiagnosticException>(() => _copy.Catalog.Role("slurm")).Diagnostics.Single();

        Assert.Equal("'base.json': units.masked: there is no such key: did you mean 'mask'?", fault.Summary);
        Assert.Equal(PathOf("base"), fault.Where!.Value.Source);
    }

    [Fact]
    public void A_role_is_asked_for_in_another_suite_by_its_name()
    {
        Replace("slurm", "\"users\"", """
            "suites": { "trixie": { "packages": ["slurm-wlm-hdf5-plugin", "!slurmrestd"] } }, "users"
            """);

        var role = _copy.Catalog.Role("slurm-head@trixie");

        Assert.Equal(("slurm@trixie", "trixie"), (role.Name, role.Suite));
        Assert.Equal(["slurm-head@trixie", "slurm-worker@trixie"], role.Aliases);
        Assert.Equal([new SuiteReference("debian", "trixie"), new SuiteReference("debian", "trixie-updates"), new SuiteReference("debian-security", "trixie-security")], role.Releases);
        Assert.Equal([new SuiteReference("debian", "sid", Expires: true)], _copy.Catalog.Role("slurm@sid").Releases);
        Assert.Equal(_copy.Catalog.Role("slurm").Packages.Remove("slurmrestd").Add("slurm-wlm-hdf5-plugin").Order(StringComparer.Ordinal), role.Packages);
        Assert.Equal("slurm", _copy.Catalog.Role("slurm@bookworm").Name);
    }

    [Fact]
    public void An_image_of_another_suite_is_there_once_it_has_a_lock()
    {
        Assert.DoesNotContain("flux@trixie", _copy.Catalog.Roles().Select(r => r.Name));

        var missing = Assert.Throws<DiagnosticException>(() => _copy.Catalog.Lock(_copy.Catalog.Role("flux@trixie"))).Diagnostics.Single();
        Assert.Equal(("lock-missing", "regatta image lock flux@trixie"), (missing.Code, missing.Help));

        File.Copy(_copy.Catalog.LockPath("flux"), _copy.Catalog.LockPath("flux@trixie"));
        Assert.Contains("flux@trixie", _copy.Catalog.Roles().Select(r => r.Name));
    }

    [Fact]
    public void A_suite_that_a_role_is_not_described_for_gets_the_nearest()
    {
        var fault = Assert.Throws<DiagnosticException>(() => _copy.Catalog.Role("slurm@bokworm")).Diagnostics.Single();

        Assert.Equal(("image-unknown", "image 'slurm' is not described for the suite 'bokworm'"), (fault.Code, fault.Summary));
        Assert.Equal("did you mean 'bookworm'?", fault.Help);
    }

    private string PathOf(string role) => Path.Combine(_copy.Catalog.Directory, "roles", role + ".json");

    private void Write(string role, string text) => File.WriteAllText(PathOf(role), text);

    private void Replace(string role, string old, string text)
    {
        var before = File.ReadAllText(PathOf(role));
        Assert.Contains(old, before, StringComparison.Ordinal);
        Write(role, before.Replace(old, text, StringComparison.Ordinal));
    }
}
