using Regatta.Diagnostics;
using Regatta.Host;
using Xunit;

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
        Assert.True(Path.Combine(state.Runtime, "ssh", "01234567", new string('0', 40)).Length + 17 <= 107);
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
