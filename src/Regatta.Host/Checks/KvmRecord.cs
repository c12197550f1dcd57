namespace Regatta.Host.Checks;

/// <summary>What a boot test of KVM found; it holds until the host starts anew.</summary>
public static class KvmRecord
{
    /// <summary>What is known.</summary>
    public static KvmVerdict Read(StateDirectory state)
    {
        if (!File.Exists("/dev/kvm")) return KvmVerdict.Absent;
        var file = FileOf(state);
        return File.Exists(file) && Enum.TryParse<KvmVerdict>(File.ReadAllText(file).Trim(), out var verdict) ? verdict : KvmVerdict.Untried;
    }

    /// <summary>Keeps what was found.</summary>
    public static void Write(StateDirectory state, KvmVerdict verdict) => DurableFile.Write(FileOf(state), verdict + "\n");

    private static string FileOf(StateDirectory state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Path.Combine(state.Libvirt, $"kvm-{ProcessIdentity.CurrentBoot}");
    }
}
