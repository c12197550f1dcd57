namespace Regatta.Tests.Images.Payloads;

public sealed class RegistryTests : PayloadFixtureTests
{
    [Fact]
    public async Task An_image_of_a_registry_is_fetched_by_its_digest_with_a_token_where_one_is_wanted()
    {
        var (blobs, index) = PayloadFixture.Oci(PayloadFixture.Tar(PayloadFixture.Files("/usr")));
        LocalMirror? mirror = null;
        await using var registry = mirror = new LocalMirror((path, times) => path switch
        {
            "/token?service=here&scope=repository%3Aflux%2Ftool%3Apull" => new MirrorAnswer.Bytes("""{"token":"abc"}"""u8.ToArray()),
            _ when path == $"/v2/flux/tool/manifests/{index}" && times == 1 =>
                new MirrorAnswer.Status(401) { Header = $"WWW-Authenticate: Bearer realm=\"{mirror!.Address}/token\",service=\"here\",scope=\"repository:flux/tool:pull\"" },
            _ when path.Split('/')[^1] is { } digest && blobs.TryGetValue(digest, out var bytes) => new MirrorAnswer.Bytes(bytes),
            _ => new MirrorAnswer.Status(404),
        });
        var host = registry.Address["http://".Length..];

        var (payload, _) = await Fixture.PackAsync($"docker://{host}/flux/tool@{index}");
        var (same, _) = await Fixture.PackAsync($"docker://flux/tool:bookworm@{index}", environment: name => name == "REGATTA_REGISTRY" ? host : null);

        Assert.Equal("/usr", payload.Prefix);
        Assert.Equal(payload.Sha256, same.Sha256);
        Assert.Equal(1, registry.Asked["/token?service=here&scope=repository%3Aflux%2Ftool%3Apull"]);
    }

    [Fact]
    public async Task A_tag_alone_and_a_registry_that_nobody_named_are_refused()
    {
        var tag = await Fixture.FaultAsync("docker://registry.example/flux/tool:latest");
        Assert.Equal("'docker://registry.example/flux/tool:latest' does not name an image by its digest", tag.Summary);

        var digest = "sha256:" + new string('a', 64);
        var nowhere = await Fixture.FaultAsync($"docker://flux/tool@{digest}");
        Assert.Equal($"'docker://flux/tool@{digest}' names no registry", nowhere.Summary);
        Assert.Contains("REGATTA_REGISTRY", nowhere.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_bytes_than_the_digest_says_are_refused()
    {
        await using var registry = new LocalMirror((_, _) => new MirrorAnswer.Bytes("{}"u8.ToArray()));
        var digest = "sha256:" + new string('a', 64);

        var fault = await Fixture.FaultAsync($"docker://{registry.Address["http://".Length..]}/flux/tool@{digest}");

        Assert.Equal("payload-digest", fault.Code);
        Assert.Equal($"wanted {digest}\nfound  {PayloadFixture.Digest("{}"u8.ToArray())}", fault.Detail);
    }

    [Theory]
    [InlineData(404, "it is not there: check the address")]
    [InlineData(403, "it cannot be had without a login: save it to a file and give the file")]
    [InlineData(503, "try again later, or save it to a file and give the file")]
    public async Task What_a_server_refuses_is_told_with_its_status(int status, string help)
    {
        await using var server = new LocalMirror((_, _) => new MirrorAnswer.Status(status));

        var fault = await Fixture.FaultAsync(server.Address + "/tool.tar.xz");

        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"'{server.Address}/tool.tar.xz' cannot be fetched: HTTP {status}"), fault.Summary);
        Assert.Equal(help, fault.Help);
    }

    [Fact]
    public async Task An_archive_behind_an_address_is_fetched()
    {
        await using var server = new LocalMirror((_, _) => new MirrorAnswer.Bytes(PayloadFixture.Gzip(PayloadFixture.Tar(PayloadFixture.Files("/opt/tool")))));

        Assert.Equal(("/opt/tool", "1.2.3"), await Packed());

        async Task<(string, string)> Packed()
        {
            var (payload, _) = await Fixture.PackAsync(server.Address + "/tool.tar.gz");
            return (payload.Prefix, payload.Version);
        }
    }

    [Fact]
    public async Task Nobody_at_an_address_is_told()
    {
        string address;
        await using (var server = new LocalMirror((_, _) => new MirrorAnswer.Status(404))) address = server.Address;

        var fault = await Fixture.FaultAsync(address + "/tool.tar.gz");

        Assert.Equal("payload-fetch", fault.Code);
        Assert.StartsWith("check the network and the address", fault.Help, StringComparison.Ordinal);
    }
}
