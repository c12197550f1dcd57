using Regatta.Host;

namespace Regatta.Tests.Host;

public sealed class StateDirectoryTests
{
    [Theory]
    [InlineData(null, null, true, "/var/lib/regatta", "/run/regatta/")]
    [InlineData(null, null, false, "/home/me/.local/state/regatta", "/run/user/7/regatta/")]
    [InlineData(null, "/data/state", false, "/data/state/regatta", "/run/user/7/regatta/")]
    [InlineData("/elsewhere/", "/data/state", true, "/elsewhere", "/run/regatta/")]
    public void It_is_chosen_by_the_environment_and_the_user(string? given, string? xdg, bool root, string expected, string runtime)
    {
        var environment = new Dictionary<string, string?> { ["REGATTA_STATE"] = given, ["XDG_STATE_HOME"] = xdg, ["HOME"] = "/home/me", ["XDG_RUNTIME_DIR"] = "/run/user/7" };
        var state = StateDirectory.Choose(environment.GetValueOrDefault, root);
        Assert.Equal(expected, state.Root);
        Assert.Equal(runtime + state.Id, state.Runtime);
    }

    [Fact]
    public void Control_sockets_have_short_paths_however_long_its_own_is()
    {
        var state = StateDirectory.Choose(name => name == "REGATTA_STATE" ? "/" + new string('x', 200) : null, root: true);
        // OpenSSH appends 17 bytes while it binds; a socket's path may have 107.
        Assert.True(Path.Combine(state.Runtime, "ssh", "01234567", "255").Length + 17 <= 107);
    }

    [Fact]
    public void Without_a_directory_for_sockets_they_lie_below_the_state_directory_and_not_below_tmp() =>
        Assert.StartsWith("/home/me/.local/state/regatta/run/", StateDirectory.Choose(name => name == "HOME" ? "/home/me" : null, root: false).Runtime, StringComparison.Ordinal);

    [Fact]
    public void A_path_too_long_for_sockets_is_refused_before_anything_fails()
    {
        var thrown = Assert.Throws<DiagnosticException>(() => StateDirectory.Choose(name => name == "REGATTA_STATE" ? "/" + new string('x', 70) : null, root: false));
        Assert.Matches(@"^error\[state-directory\]: the directory of sockets '/x+/run/[0-9a-f]{8}' has a path of 84 bytes, and sockets allow 73\n  help: set XDG_RUNTIME_DIR", thrown.Message);
    }

    [Fact]
    public void Directories_of_an_earlier_version_are_shut_to_others()
    {
        var root = Directory.CreateTempSubdirectory("regatta-state-").FullName;
        try
        {
            var state = new StateDirectory(root) { Runtime = Path.Combine(root, "run", "1") };
            Directory.CreateDirectory(state.Nodes);
            File.SetUnixFileMode(state.Nodes, (UnixFileMode)0b111_001_001);
            state.Create();
            Assert.All([state.Clusters, state.Nodes, state.Roots, state.Locks, state.Libvirt, state.Runtime], d => Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(d)));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [InlineData("/tmp/x/regatta", true, "'/tmp/x' belongs to another user (1001), who could replace what is in it")]
    [InlineData("/tmp/x", false, "'/tmp/x' belongs to another user (1001), who could replace what is in it")]
    public void A_directory_that_another_user_made_first_is_refused(string path, bool follow, string words)
    {
        // Only the link, or only what it leads to, is the other user's.
        var thrown = Assert.Throws<DiagnosticException>(() => OwnDirectory.Require(path, 1000, (p, f) => p == "/tmp/x" && f == follow ? 1001u : p.StartsWith("/tmp/x", StringComparison.Ordinal) ? 1000u : 0u));
        Assert.StartsWith($"error[directory-not-own]: '{path}' cannot be used: {words}", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_everybody_can_write_to_is_refused_unless_it_is_sticky()
    {
        var directory = Directory.CreateTempSubdirectory("regatta-state-").FullName;
        try
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
            var thrown = Assert.Throws<DiagnosticException>(() => OwnDirectory.Make(Path.Combine(directory, "own"), (UnixFileMode)0b111_000_000));
            Assert.Contains($"every user can write to '{directory}'", thrown.Message, StringComparison.Ordinal);
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);
            OwnDirectory.Make(Path.Combine(directory, "own"), (UnixFileMode)0b111_000_000);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("relative/state")]
    [InlineData("/with,comma")]
    [InlineData("/with:colon")]
    public void A_path_that_cannot_be_one_is_refused(string path)
    {
        var thrown = Assert.Throws<DiagnosticException>(() => StateDirectory.Choose(name => name == "REGATTA_STATE" ? path : null, root: true));
        Assert.Equal(
            $"""
            error[state-directory]: REGATTA_STATE is '{path}', which cannot be a state directory
              help: give an absolute path without comma, colon, quote or backslash
            """,
            thrown.Diagnostics[0].ToString());
    }
}
