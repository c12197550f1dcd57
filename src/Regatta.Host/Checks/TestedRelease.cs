using System.Text.RegularExpressions;

namespace Regatta.Host.Checks;

/// <summary>Which releases of a program that Regatta calls it was tested with.</summary>
/// <param name="Check">The check of <see cref="Doctor"/> that looks for the program.</param>
/// <param name="Product">What the release is of, as people call it.</param>
/// <param name="Programs">Programs that tell their release when they get <c>--version</c>; the first that is there is asked.</param>
/// <param name="Works">What goes well as long as a release that was not tested works.</param>
/// <param name="Tested">The releases, the oldest first. Regatta was run with each.</param>
public sealed partial record TestedRelease(string Check, string Product, ImmutableArray<string> Programs, string Works, ImmutableArray<Version> Tested)
{
    /// <summary>The programs whose releases matter: those of Debian 12, 13 and sid, as far as they were run.</summary>
    public static ImmutableArray<TestedRelease> All { get; } =
    [
        new("nix", "Nix", ["nix"], "images are built", [new(2, 8), new(2, 26), new(2, 34)]) { RefusesOlder = true },
        new("libvirt", "libvirt", ["libvirtd", "virtqemud"], "clusters come up", [new(9, 0), new(11, 3), new(12, 8)]) { MajorCounts = true },
        new("qemu", "QEMU", ["qemu-system-x86_64"], "virtual machines boot", [new(7, 2), new(10, 0)]) { MajorCounts = true },
        new("ansible", "ansible-core", ["ansible-playbook"], "nodes are configured", [new(2, 14), new(2, 19), new(2, 22)]) { RefusesOlder = true },
    ];

    /// <summary>What is older lacks something that is needed.</summary>
    public bool RefusesOlder { get; private init; }

    /// <summary>Releases that differ behind the first number only are taken to be alike.</summary>
    public bool MajorCounts { get; private init; }

    /// <summary>The first release in what a program prints of itself; null when there is none.</summary>
    public static Version? Parse(string text)
    {
        var found = Printed().Match(text);
        return found.Success ? Version.Parse(found.Value) : null;
    }

    /// <summary>What is to be said of a release that is there.</summary>
    /// <param name="found">The release.</param>
    /// <param name="purpose">What the program is for.</param>
    public HostCheck Judge(Version found, string purpose)
    {
        ArgumentNullException.ThrowIfNull(found);
        var check = new HostCheck(Check, purpose, HostCheckState.Good, $"{Product} {found}");
        var (oldest, newest, release) = (Counted(Tested[0]), Counted(Tested[^1]), Counted(found));
        if (release >= oldest && release <= newest) return check;
        if (release < oldest && RefusesOlder)
        {
            return check with
            {
                State = HostCheckState.Missing,
                Found = $"{Product} {found} is too old: {Tested[0]} or newer is needed",
                Mend = $"install {Product} {Tested[0]} or newer",
            };
        }

        return check with
        {
            State = HostCheckState.Lacking,
            Found = $"{Product} {found} is {(release < oldest ? "older" : "newer")} than what was tested ({string.Join(", ", Tested)})",
            Mend = $"nothing while {Works} without errors; else install {Product} {(release < oldest ? Tested[0] : Tested[^1])}",
        };
    }

    private Version Counted(Version version) => MajorCounts ? new(version.Major, 0) : new(version.Major, version.Minor);

    [GeneratedRegex(@"\d+\.\d+(?:\.\d+)?")]
    private static partial Regex Printed();
}
