using Regatta.Images.Mirrors;

namespace Regatta.Tests.Images;

public sealed class MirrorTests
{
    private const string Stanzas = """
        Types: deb deb-src
        # a comment inside
        URIs: http://one.example/debian/ http://two.example/debian
        Suites: bookworm bookworm-updates
        Components: main
         contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        Types: deb
        URIs: http://one.example/security
        Suites: bookworm-security
        Components: main

        Types: deb
        URIs: http://off.example/debian
        Suites: bookworm
        Components: main
        Enabled: no

        Types: deb
        URIs: https://node.example/x
        Suites: nodistro
        Components: main
        """;

    [Fact]
    public void Deb822_sources_are_read_with_every_address_and_suite()
    {
        var sources = AptSources.ParseStanzas(Stanzas).ToList();

        Assert.Equal(6, sources.Count);
        Assert.Equal("http://one.example/debian", sources[0].Address);
        Assert.Equal(["main", "contrib"], sources[0].Components);
        Assert.Equal("/usr/share/keyrings/debian-archive-keyring.gpg", sources[0].Keyring);
        Assert.Equal(["debian", "debian", "debian", "debian", "debian-security", null], sources.Select(s => s.Repo));
    }

    [Fact]
    public void One_line_sources_are_read_with_their_options()
    {
        var sources = AptSources.ParseLines("""
            # deb http://off.example/debian bookworm main
            deb http://one.example/debian bookworm main contrib  # here
            deb [arch=amd64 signed-by=/etc/keys/x.gpg] http://one.example/debian-security bookworm-security main
            deb-src http://one.example/debian bookworm main
            deb https://cloud.example/apt cloud-sdk-bookworm main
            deb https://docker.example/linux bookworm stable
            """).ToList();

        Assert.Equal(["debian", "debian-security", null, null], sources.Select(s => s.Repo));
        Assert.Equal("/etc/keys/x.gpg", sources[1].Keyring);
    }

    [Fact]
    public void Named_mirrors_come_first_and_the_archive_last()
    {
        var list = MirrorList.Choose([.. AptSources.ParseStanzas(Stanzas)], name => name switch
        {
            "REGATTA_MIRRORS" => "http://mine.example/ file:///srv/debs",
            "REGATTA_SNAPSHOT" => "http://archive.example",
            _ => null,
        });

        var bash = Locks.Package("bash", version: "1:5.2~rc+b1");
        Assert.Equal(
            [
                "http://mine.example/debian/pool/main/bash_1%3A5.2~rc%2Bb1_amd64.deb",
                "file:///srv/debs/debian/pool/main/bash_1%3A5.2~rc%2Bb1_amd64.deb",
                "http://one.example/debian/pool/main/bash_1%3A5.2~rc%2Bb1_amd64.deb",
                "http://two.example/debian/pool/main/bash_1%3A5.2~rc%2Bb1_amd64.deb",
                "http://archive.example/archive/debian/20260131T000000Z/pool/main/bash_1%3A5.2~rc%2Bb1_amd64.deb",
            ],
            list.All.Select(m => m.AddressOf(bash, "20260131T000000Z")?.AbsoluteUri).OfType<string>());
        Assert.Equal("bash_1.5.2_rc+b1.deb", bash.StoreName);
    }

    [Fact]
    public void A_machine_without_any_mirror_is_told_how_to_name_one()
    {
        var fault = Assert.Throws<DiagnosticException>(() => MirrorList.Choose([], _ => null)).Diagnostics[0];

        Assert.Equal("mirror-missing", fault.Code);
        Assert.Contains("set REGATTA_MIRRORS", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_address_is_refused()
    {
        var fault = Assert.Throws<DiagnosticException>(() => MirrorList.Choose([], _ => "mirror.example")).Diagnostics[0];

        Assert.Equal("'mirror.example' in REGATTA_MIRRORS is not an address of http, https or file", fault.Summary);
    }
}
