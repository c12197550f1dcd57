using Regatta.Images;
using Regatta.Images.Payloads;

namespace Regatta.Tests.Images.Payloads;

/// <summary>Programs that cannot run in an image are refused when they are locked.</summary>
public sealed class PayloadFitnessTests : PayloadFixtureTests
{
    private static readonly ImageRole Role = ImageRole.Read(Path.Combine(Repository.Root, "images", "roles", "slurm.json"));

    [Fact]
    public void A_real_program_tells_its_processor_its_loader_and_what_it_needs_of_the_C_library()
    {
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64 && File.Exists("/lib64/ld-linux-x86-64.so.2"), "needs a Debian for amd64");
        var program = Path.GetFullPath(new FileInfo("/bin/sh").ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "/bin/sh");

        var elf = ElfFile.Read(Of(program));

        Assert.Equal(("x86-64", "/lib64/ld-linux-x86-64.so.2"), (elf!.Machine, elf.Loader));
        Assert.InRange(elf.Glibc!, new Version(2, 2, 5), new Version(2, 99));
    }

    [Fact]
    public void What_is_made_up_reads_back()
    {
        Assert.Equal(new ElfFile("x86-64", "/lib64/ld-linux-x86-64.so.2", new Version(2, 38)), Made(ElfBytes.Of(versions: ["GLIBC_2.2.5", "GLIBC_2.38", "GLIBC_2.4", "GLIBC_PRIVATE", "OTHER_3"])));
        Assert.Equal(new ElfFile("x86-64", "/lib/ld-musl-x86_64.so.1", null), Made(ElfBytes.Of(loader: "/lib/ld-musl-x86_64.so.1")));
        Assert.Equal(new ElfFile("aarch64", null, null), Made(ElfBytes.Of(machine: 183, versions: ["GLIBC_2.38"])));
        Assert.Equal("machine 999", Made(ElfBytes.Of(machine: 999))!.Machine);
    }

    [Fact]
    public void What_is_cut_off_or_no_program_is_passed_over()
    {
        var whole = ElfBytes.Of(versions: ["GLIBC_2.38"]);
        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.True(Made(whole[..length])?.Machine is null or "x86-64"));
        Assert.Null(Made([.. "#!/bin/sh\n"u8]));
        Assert.Null(Made([]));
    }

    [Fact]
    public async Task Programs_of_another_processor_are_named()
    {
        var fault = await FaultAsync(ElfBytes.Of(machine: 183));

        Assert.Equal(
            $"""
            error[payload-architecture]: '{Fixture.At("opt/tool")}' was built for aarch64, and images are x86-64
              {Fixture.At("opt/tool")}/lib/tool/b.so
              help: take a build for x86-64 (amd64)
            """,
            fault.ToString());
    }

    [Fact]
    public async Task Programs_of_another_C_library_are_named()
    {
        var fault = await FaultAsync(ElfBytes.Of(loader: "/lib/ld-musl-x86_64.so.1"));

        Assert.Equal(
            $"""
            error[payload-libc]: '{Fixture.At("opt/tool")}' was built for another C library: its programs are loaded by /lib/ld-musl-x86_64.so.1, and Debian has /lib64/ld-linux-x86-64.so.2
              {Fixture.At("opt/tool")}/lib/tool/b.so
              help: build it on Debian's bookworm, or name an image of the suite that it was built on, such as slurm@SUITE ('regatta image list')
            """,
            fault.ToString());
    }

    [Fact]
    public async Task Programs_that_need_a_newer_C_library_than_the_image_has_are_named()
    {
        var fault = await FaultAsync(ElfBytes.Of(versions: ["GLIBC_2.34", "GLIBC_2.38"]));

        Assert.Equal(
            ("payload-libc", $"'{Fixture.At("opt/tool")}' needs glibc 2.38, and image 'slurm+dev' has 2.36", $"{Fixture.At("opt/tool")}/lib/tool/b.so needs 2.38"),
            (fault.Code, fault.Summary, fault.Detail));
    }

    [Theory]
    [InlineData("/tmp/slurm", "/tmp")]
    [InlineData("/var/tmp/a/b", "/var/tmp")]
    [InlineData("/run", "/run")]
    public async Task A_prefix_where_an_image_keeps_nothing_is_refused(string prefix, string below)
    {
        var fault = Assert.Single((await Assert.ThrowsAsync<DiagnosticException>(() => CheckAsync(ElfBytes.Of(), prefix))).Diagnostics);

        Assert.Equal($"error[payload-prefix]: '{prefix}' cannot be a prefix: an image keeps nothing below {below}\n  help: build it for another one, such as /opt/tool; where it is built does not matter", fault.ToString());
    }

    [Fact]
    public async Task What_the_image_can_run_is_taken() => await CheckAsync(ElfBytes.Of(versions: ["GLIBC_2.36"]));

    [Fact]
    public async Task A_version_that_the_files_contradict_is_refused()
    {
        PayloadFixture.Install("", PayloadFixture.Files(Fixture.At("opt/tool")));

        var fault = await Fixture.FaultAsync(Fixture.At("opt/tool"), "1.3");

        Assert.Equal(("payload-version-other", $"'{Fixture.At("opt/tool")}' says that it is tool 1.2.3, not 1.3"), (fault.Code, fault.Summary));
        Assert.Equal("1.2.3-mine", (await Fixture.PackAsync(Fixture.At("opt/tool"), "1.2.3-mine")).Payload.Version);
    }

    [Fact]
    public async Task A_Slurm_of_ones_own_is_found_by_its_daemons_and_says_its_version()
    {
        var (prefix, role) = (Fixture.At("opt/slurm"), Assert.Single(Role.Payloads));
        PayloadFixture.Install("", role.Requires.Select(r => KeyValuePair.Create($"{prefix}/{r}", r == "sbin/slurmctld" ? "\0slurmctld\0since 24.05.3\025.05.0-0rc1\0" : "x")));
        PayloadFixture.Install("", [KeyValuePair.Create($"{prefix}/lib/slurm/select_cons_tres.so", "x"), KeyValuePair.Create($"{prefix}/lib/slurm/mpi_pmix_v4.so", "x"), KeyValuePair.Create($"{prefix}/bin/sudo", "x")]);

        var (payload, file) = await Fixture.PackAsync(prefix, role: role);

        Assert.Equal(("slurm", prefix, "25.05.0-0rc1"), (payload.Name, payload.Prefix, payload.Version));
        Assert.Equal(
            role.Requires.Add("lib/slurm/select_cons_tres.so").Select(f => $"{prefix[1..]}/{f}").Order(StringComparer.Ordinal),
            PayloadFixture.Contents(file).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_prefix_without_slurmctld_is_told_so()
    {
        var (prefix, role) = (Fixture.At("opt/slurm"), Assert.Single(Role.Payloads));
        PayloadFixture.Install("", role.Requires.Where(r => r != "sbin/slurmctld").Select(r => KeyValuePair.Create($"{prefix}/{r}", "x")));

        var fault = await Fixture.FaultAsync(prefix, role: role);

        Assert.Equal(("payload-incomplete", $"'{prefix}' does not hold a build of Slurm with slurmctld, slurmd and slurmrestd", $"{prefix} lacks sbin/slurmctld"), (fault.Code, fault.Summary, fault.Detail));
    }

    private static PayloadFile Of(string path) => new(path, Executable: true, Target: null, path, 0, new FileInfo(path).Length);

    private ElfFile? Made(byte[] bytes)
    {
        // Not at the beginning of its container, as in an archive.
        File.WriteAllBytes(Fixture.At("made"), [1, 2, 3, .. bytes, 4, 5]);
        return ElfFile.Read(new PayloadFile("/made", Executable: true, Target: null, Fixture.At("made"), 3, bytes.Length));
    }

    private async Task<Diagnostic> FaultAsync(byte[] library) => Assert.Single((await Assert.ThrowsAsync<DiagnosticException>(() => CheckAsync(library))).Diagnostics);

    private async Task CheckAsync(byte[] library, string? prefix = null)
    {
        PayloadFixture.Install("", PayloadFixture.Files(Fixture.At("opt/tool")));
        File.WriteAllBytes(Fixture.At("opt/tool/lib/tool/b.so"), library);
        var (payload, file) = await Fixture.PackAsync(Fixture.At("opt/tool"));
        await PayloadFitness.CheckAsync(file, payload with { Prefix = prefix ?? "/opt/tool" }, Role.With("dev"), Locks.Of(Locks.Package("libc6", version: "2.36-9+deb12u10")), PayloadFixture.Cancellation);
    }
}
